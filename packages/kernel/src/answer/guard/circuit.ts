import type { Clock, Proof } from '@postern/contract';

export interface CircuitRules {
  /** So many failures in a row open it. */
  readonly after: number;
  /** Milliseconds from its opening until somebody may try. */
  readonly forMs: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What somebody who wants to ask may do. Whoever gets `trial` must report how it went. */
export type Passage = 'go' | 'trial' | 'stop';

/** Whom a question is about. `proof`: what must not be told of it. */
export interface Subject {
  readonly user: string;
  readonly proof?: Proof;
}

export interface Failure {
  readonly attempt: Subject;
  /** It took so long that it held somebody up. */
  readonly slow: boolean;
  readonly cause: unknown;
}

export interface CircuitParts {
  readonly rules: CircuitRules;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** After each change of the state; `failure`: what opened it. */
  readonly changed: (state: CircuitState, failure: Failure | undefined) => void;
}

/**
 * A circuit breaker: after some failures in a row nobody asks for a while, then one tries for all, and nobody waits for that one.
 *
 * A quick failure counts only when another user had the one before: somebody whose own record is broken, and whose phone asks every
 * minute, must not shut out the others.
 */
export class Circuit {
  readonly #parts: CircuitParts;
  #state: CircuitState = 'closed';
  #failures = 0;
  #lastUser: string | undefined;
  #triedFrom = 0;

  constructor(parts: CircuitParts) {
    this.#parts = parts;
  }

  get state(): CircuitState {
    return this.#state;
  }

  next(): Passage {
    if (this.#state === 'closed') return 'go';
    if (this.#state === 'half-open' || this.#parts.clock.monotonic() < this.#triedFrom) return 'stop';
    this.#become('half-open');
    return 'trial';
  }

  /** `passage`: what this one was let through with. */
  succeeded(passage: Passage): void {
    if (passage === 'trial') this.#become('closed');
    if (this.#state !== 'closed') return;
    this.#failures = 0;
    this.#lastUser = undefined;
  }

  failed(passage: Passage, failure: Failure): void {
    if (passage === 'trial') this.#open(failure);
    if (this.#state !== 'closed' || (!failure.slow && failure.attempt.user === this.#lastUser)) return;
    this.#lastUser = failure.attempt.user;
    this.#failures += 1;
    if (this.#failures >= this.#parts.rules.after) this.#open(failure);
  }

  /** It was called off, or shows nothing: the next one may try. */
  undecided(passage: Passage): void {
    if (passage === 'trial') this.#become('open');
  }

  #open(failure: Failure): void {
    this.#failures = 0;
    this.#lastUser = undefined;
    this.#triedFrom = this.#parts.clock.monotonic() + this.#parts.rules.forMs;
    this.#become('open', failure);
  }

  #become(state: CircuitState, failure?: Failure): void {
    this.#state = state;
    this.#parts.changed(state, failure);
  }
}
