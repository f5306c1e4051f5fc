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

/** A store that failed this often in a row, asked for one user at a time, is out; every further try would only take time. */
const patience = 5;
const answerWithinMs = 30_000;

type Outcome = 'enrolled' | 'conflict' | 'deferred';

/**
 * Writes candidates into a store, some at a time. Never overwrites: the store compares and sets. What it could not tell is tried once
 * more, one by one, and so is everything after it: a file of SQLite has room for one writer.
 */
export class Enrolling {
  readonly #store: TargetStore;
  readonly #rules: EnrollingRules;
  readonly #failed: number[] = [];
  #atOnce: number;
  #enrolled = 0;
  #conflicts = 0;
  #inARow = 0;

  constructor(store: TargetStore, rules: EnrollingRules) {
    this.#store = store;
    this.#rules = rules;
    this.#atOnce = rules.atOnce;
  }

  get over(): boolean {
    return this.#inARow >= patience || this.#rules.signal.aborted;
  }

  get written(): Written {
    return { enrolled: this.#enrolled, conflicts: this.#conflicts, failed: this.#failed, brokenOff: this.over };
  }

  async write(candidates: readonly Candidate[]): Promise<void> {
    const queue = candidates.values();
    const again: Candidate[] = [];
    if (this.#atOnce > 1) await Promise.all(Array.from({ length: this.#atOnce }, () => this.#share(queue, again)));
    for (const candidate of again) if (!this.over) this.#noteAlone(candidate, await this.#one(candidate));
    for (const candidate of queue) {
      if (this.over) return;
      this.#noteAlone(candidate, await this.#one(candidate));
    }
  }

  /** Ends for all as soon as one was deferred. */
  async #share(queue: Iterator<Candidate>, again: Candidate[]): Promise<void> {
    while (this.#atOnce > 1 && !this.over) {
      const next = queue.next();
      if (next.done === true) return;
      const outcome = await this.#one(next.value);
      if (outcome !== 'deferred') this.#count(outcome);
      else {
        again.push(next.value);
        this.#atOnce = 1;
      }
    }
  }

  #noteAlone({ line }: Candidate, outcome: Outcome): void {
    this.#inARow = outcome === 'deferred' ? this.#inARow + 1 : 0;
    if (outcome === 'deferred') this.#failed.push(line);
    else this.#count(outcome);
  }

  #count(outcome: Exclude<Outcome, 'deferred'>): void {
    if (outcome === 'enrolled') this.#enrolled += 1;
    else this.#conflicts += 1;
  }

  /** Whatever the store throws is one more thing that it could not tell. */
  async #one(candidate: Candidate): Promise<Outcome> {
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

const seen = (known: boolean | undefined): Outcome => {
  if (known === undefined) return 'deferred';
  return known ? 'conflict' : 'enrolled';
};
