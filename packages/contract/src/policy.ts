import type { LoginAttempt } from './attempt.js';
import type { Verdict } from './verdict.js';

/** Asks whatever is further in: the next policy, or the chain of stores. */
export type Ask = (attempt: LoginAttempt, signal: AbortSignal) => Promise<Verdict>;

/**
 * Wraps the asking: throttle, cache, audit, capture. Policies stand around the chain in the order of the plugin list,
 * outermost first. A policy calls `next` at most once per attempt, passes the signal on, and never turns *deferred*
 * into *rejected*.
 */
export interface Policy {
  around(next: Ask): Ask;
  /**
   * As `around`, but without consequences: counts, keeps and answers nothing from memory. `explain` without a password asks it
   * around the stores' `lookup`; a policy without it is left out there. A policy that has no memory gives what `around` gives.
   */
  rehearse?(next: Ask): Ask;
}
