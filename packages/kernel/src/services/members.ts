import type { MemberRules } from '@postern/contract';

/** A bounded set whose members each die at their own time. Members stand in the order in which they came. */
export class Members {
  readonly #until = new Map<string, number>();
  #last = 0;

  /** When the last member dies. */
  get until(): number {
    return this.#last;
  }

  /** How many live at `now`. */
  count(now: number): number {
    this.#bury(now);
    return this.#until.size;
  }

  /** Adds one, if it is not there, and answers how many live. */
  note(member: string, { ttlMs, most }: MemberRules, now: number): number {
    this.#bury(now);
    if (!this.#until.has(member)) {
      if (this.#until.size >= most) this.#dropOldest();
      this.#until.set(member, now + ttlMs);
      this.#last = Math.max(this.#last, now + ttlMs);
    }
    return this.#until.size;
  }

  #bury(now: number): void {
    for (const [member, until] of this.#until) if (until <= now) this.#until.delete(member);
  }

  #dropOldest(): void {
    for (const member of this.#until.keys()) {
      this.#until.delete(member);
      return;
    }
  }
}
