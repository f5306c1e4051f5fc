import type { Counter, Gauge, Metrics } from '@postern/contract';

/** Where the answer to a login came from. */
export type Source =
  /** A success in memory. */
  | 'hit'
  /** A no in memory. */
  | 'negative'
  /** The stores. */
  | 'miss'
  /** The stores, asked already for an identical login. */
  | 'joined'
  /** A success that was too old, because no store could tell. */
  | 'stale'
  /** The stores, since such a proof is right only once. */
  | 'passed';

export type Flushed = 'user' | 'domain' | 'all' | 'ended';

/** What the operator sees of the cache. */
export class Meters {
  readonly #answers: Counter;
  readonly #flushes: Counter;
  readonly #entries: Gauge;

  constructor(metrics: Metrics) {
    this.#answers = metrics.counter({
      name: 'cache_answers_total',
      help: 'Answers by where they came from: hit, negative, miss, joined, stale, passed.',
      labels: ['source'],
    });
    this.#flushes = metrics.counter({
      name: 'cache_flushes_total',
      help: 'Times that answers were forgotten: for a user, a domain or all, or ended because a store said no.',
      labels: ['scope'],
    });
    this.#entries = metrics.gauge({
      name: 'cache_entries',
      help: 'Answers in memory, those that are too old included.',
      labels: ['answer'],
    });
  }

  answered(source: Source): void {
    this.#answers.inc({ source });
  }

  flushed(scope: Flushed): void {
    this.#flushes.inc({ scope });
  }

  holds(successes: number, noes: number): void {
    this.#entries.set(successes, { answer: 'yes' });
    this.#entries.set(noes, { answer: 'no' });
  }
}
