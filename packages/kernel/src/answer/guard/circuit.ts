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
 * Quick failures count once for each user: some whose own records are broken, and whose phones ask every minute, must not shut out the
 * others.
 */
export class Circuit {
  readonly #parts: CircuitParts;
  #state: CircuitState = 'closed';
  #failures = 0;
  /** Never more than `after`. */
  readonly #failedUsers = new Set<string>();
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
    this.#forget();
  }

  failed(passage: Passage, failure: Failure): void {
    if (passage === 'trial') this.#open(failure);
    if (this.#state !== 'closed' || (!failure.slow && this.#failedUsers.has(failure.attempt.user))) return;
    this.#failedUsers.add(failure.attempt.user);
    this.#failures += 1;
    if (this.#failures >= this.#parts.rules.after) this.#open(failure);
  }

  /** It was called off, or shows nothing: the next one may try. */
  undecided(passage: Passage): void {
    if (passage === 'trial') this.#become('open');
  }

  #open(failure: Failure): void {
    this.#forget();
    this.#triedFrom = this.#parts.clock.monotonic() + this.#parts.rules.forMs;
    this.#become('open', failure);
  }

  #forget(): void {
    this.#failures = 0;
    this.#failedUsers.clear();
  }

  #become(state: CircuitState, failure?: Failure): void {
    this.#state = state;
    this.#parts.changed(state, failure);
  }
}
