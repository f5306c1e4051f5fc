import type { Clock, Log } from '@postern/contract';
import { causeText } from '../cause.js';
import { Rarely } from '../rarely.js';
import { BrokenRecords } from './broken-records.js';
import type { CircuitRules, CircuitState, Failure, Subject } from './circuit.js';
import type { Told } from './guarded-question.js';

/** Milliseconds between two lines about too much to do. */
const overloadLineEveryMs = 10_000;

export interface StoreNewsParts {
  /** The instance's. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the config's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** What operators hear of a store that is not well: a line in the log when that begins and when it ends, and a note while it lasts. */
export class StoreNews {
  readonly #parts: StoreNewsParts;
  readonly #records = new BrokenRecords((failure) => this.#told(failure));
  readonly #rarely: Rarely;
  #openSince: number | undefined;
  #lastCause = '';

  constructor(parts: StoreNewsParts) {
    this.#parts = parts;
    this.#rarely = new Rarely(parts.clock, overloadLineEveryMs);
  }

  /** Why it is not asked, or that it can judge nobody; undefined when all is well. */
  get note(): string | undefined {
    if (this.#openSince !== undefined)
      return `not asked since ${new Date(this.#openSince).toISOString()}, it kept failing: ${this.#lastCause}; a login tries it now and then`;
    const { trouble } = this.#records;
    return trouble && `it can judge nobody, the last logins all ended so: ${trouble}`;
  }

  /** What it said of a login. */
  said(attempt: Subject, verdict: Told): void {
    this.#records.note(attempt, verdict);
  }

  /** `failure`: what opened the circuit. */
  circuitChanged(state: CircuitState, failure: Failure | undefined, { after, forMs }: CircuitRules): void {
    const { name: instance, clock, log } = this.#parts;
    if (failure !== undefined) this.#lastCause = this.#told(failure);
    if (state === 'half-open' || (state === 'open' && this.#openSince !== undefined)) {
      log.debug('a store that kept failing is tried', { instance, state });
    } else if (state === 'open') {
      this.#openSince = clock.now();
      log.error('a store keeps failing and is not asked for a while', { instance, failures: after, forMs, cause: this.#lastCause });
    } else {
      log.warn('a store answers again', { instance, afterMs: clock.now() - (this.#openSince ?? clock.now()) });
      this.#openSince = undefined;
    }
  }

  /** A login was turned away because there was too much to do; of many, a line is written now and then. */
  overloaded(at: { readonly asking: number; readonly waiting: number }): void {
    const { name: instance, log } = this.#parts;
    this.#rarely.say('overload', (leftOut) =>
      log.warn('a store has more to do than it gets done: logins are turned away', { instance, turnedAway: leftOut + 1, ...at }),
    );
  }

  /** Without what must not be told. */
  #told({ attempt, cause }: Pick<Failure, 'attempt' | 'cause'>): string {
    return this.#parts.scrub(causeText(cause, attempt.proof));
  }
}
