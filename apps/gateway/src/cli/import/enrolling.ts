import { hashPassword, type HashScheme } from '@postern/passwords';
import type { Candidate } from './survey.js';
import type { TargetStore } from './target-store.js';

/** What became of the candidates. */
export interface Written {
  readonly enrolled: number;
  /** The store has somebody of that name with a hash already, or its statement found no row to write to. Nothing was changed. */
  readonly conflicts: number;
  /** Lines of those that were asked in vain: the store could not tell whether it kept them. */
  readonly failed: readonly number[];
  /** The store failed again and again, or the operator broke off: the rest was not tried. */
  readonly brokenOff: boolean;
}

export interface EnrollingRules {
  /** Hashes for passwords that stand in clear text. */
  readonly scheme: HashScheme;
  /** Users at once. */
  readonly atOnce: number;
  /** Only asks who is there already. */
  readonly dry: boolean;
  readonly signal: AbortSignal;
}

/** A store that failed this often in a row is out; every further try would only take time. */
const patience = 20;
const answerWithinMs = 30_000;

/** Writes candidates into a store, some at a time. Never overwrites: the store compares and sets. */
export class Enrolling {
  readonly #store: TargetStore;
  readonly #rules: EnrollingRules;
  readonly #failed: number[] = [];
  #enrolled = 0;
  #conflicts = 0;
  #inARow = 0;

  constructor(store: TargetStore, rules: EnrollingRules) {
    this.#store = store;
    this.#rules = rules;
  }

  get over(): boolean {
    return this.#inARow >= patience || this.#rules.signal.aborted;
  }

  get written(): Written {
    return { enrolled: this.#enrolled, conflicts: this.#conflicts, failed: this.#failed, brokenOff: this.over };
  }

  async write(candidates: readonly Candidate[]): Promise<void> {
    const queue = candidates.values();
    await Promise.all(Array.from({ length: this.#rules.atOnce }, () => this.#work(queue)));
  }

  async #work(queue: Iterator<Candidate>): Promise<void> {
    for (let next = queue.next(); next.done !== true && !this.over; next = queue.next())
      this.#note(next.value, await this.#one(next.value));
  }

  #note({ line }: Candidate, outcome: 'enrolled' | 'conflict' | 'deferred'): void {
    this.#inARow = outcome === 'deferred' ? this.#inARow + 1 : 0;
    if (outcome === 'enrolled') this.#enrolled += 1;
    else if (outcome === 'conflict') this.#conflicts += 1;
    else this.#failed.push(line);
  }

  /** Whatever the store throws is one more thing that it could not tell. */
  async #one(candidate: Candidate): Promise<'enrolled' | 'conflict' | 'deferred'> {
    const { user, attributes, clear } = candidate;
    const signal = AbortSignal.timeout(answerWithinMs);
    try {
      if (this.#rules.dry) return seen(await this.#store.knows(user, signal));
      const hash = clear === undefined ? candidate.hash : await hashPassword(Buffer.from(clear), this.#rules.scheme);
      return (await this.#store.enroll({ user, attributes }, { hash }, signal)).kind;
    } catch {
      return 'deferred';
    }
  }
}

const seen = (known: boolean | undefined): 'enrolled' | 'conflict' | 'deferred' => {
  if (known === undefined) return 'deferred';
  return known ? 'conflict' : 'enrolled';
};
