import type { MemberRules } from '@postern/contract';

/**
 * A bounded set whose members each die at their own time. Members stand in the order in which they came.
 *
 * Most sets never see a second member: the first stands in the object itself, so that they cost little.
 */
export class Members {
  #only: string | undefined;
  #onlyUntil = 0;
  /** Holds all of them as soon as there are two. */
  #many: Map<string, number> | undefined;
  #last = 0;
  /** Before it nobody dies. */
  #soonest = Infinity;

  /** When the last member dies. */
  get until(): number {
    return this.#last;
  }

  /** Those that died and were not buried yet included. */
  get size(): number {
    return this.#many?.size ?? (this.#only === undefined ? 0 : 1);
  }

  /** How many live at `now`. */
  count(now: number): number {
    this.#bury(now);
    return this.size;
  }

  /** Adds one, if it is not there, and answers how many live. */
  note(member: string, { ttlMs, most }: MemberRules, now: number): number {
    this.#bury(now);
    if (!this.#has(member)) {
      if (this.size >= most) this.#dropOldest();
      this.#add(member, now + ttlMs);
    }
    return this.size;
  }

  forget(member: string): void {
    this.#many?.delete(member);
    if (this.#only === member) this.#only = undefined;
  }

  #has(member: string): boolean {
    return this.#many?.has(member) ?? this.#only === member;
  }

  #add(member: string, until: number): void {
    this.#last = Math.max(this.#last, until);
    this.#soonest = Math.min(this.#soonest, until);
    if (this.#many === undefined && this.#only !== undefined) {
      this.#many = new Map([[this.#only, this.#onlyUntil]]);
      this.#only = undefined;
    }
    if (this.#many !== undefined) {
      this.#many.set(member, until);
      return;
    }
    this.#only = member;
    this.#onlyUntil = until;
  }

  #bury(now: number): void {
    if (now < this.#soonest) return;
    if (this.#onlyUntil <= now) this.#only = undefined;
    this.#soonest = this.#only === undefined ? Infinity : this.#onlyUntil;
    for (const [member, until] of this.#many ?? []) {
      if (until <= now) this.#many?.delete(member);
      else this.#soonest = Math.min(this.#soonest, until);
    }
  }

  #dropOldest(): void {
    this.#only = undefined;
    for (const member of this.#many?.keys() ?? []) {
      this.#many?.delete(member);
      return;
    }
  }
}
