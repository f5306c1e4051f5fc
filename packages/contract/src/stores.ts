import type { LoginAttempt } from './attempt.js';
import type { CredentialStore } from './store.js';
import type { VerdictKind } from './verdict.js';

/** One store's part in an attempt. */
export interface Heard {
  /** The instance's name. */
  readonly store: string;
  readonly kind: VerdictKind;
}

/**
 * A store of the plugin list as a policy may ask it: behind its own limits, time-out and circuit breaker. None of its methods
 * rejects: what the store throws, and silence, are *deferred*. `when` and `mode` of the store are not looked at.
 */
export interface NamedStore extends CredentialStore {
  /** The instance's name. */
  readonly name: string;
  /**
   * The same store for who waits at most `ms` milliseconds for each answer, above 0: then it is *deferred*. The store still has all of
   * its own time, and what it does with it counts for its circuit breaker, which an aborted `signal` does not: so who has less time than
   * the login says it here.
   */
  within(ms: number): NamedStore;
}

/** The stores of the plugin list by name, for policies that move or compare accounts. Other roles find none. */
export interface Stores {
  /** Undefined: there is none of that name, or it is off. One in the shadow is found. Not yet within `create`. */
  get(name: string): NamedStore | undefined;
  /** What the stores said to this attempt, in order. Empty where memory answered, and once the attempt is answered. */
  heard(attempt: LoginAttempt): readonly Heard[];
}
