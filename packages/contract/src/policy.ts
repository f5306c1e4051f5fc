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
  /** Whom this policy keeps out now, for `postern bans` and the operator's API. */
  readonly bans?: Bans;
  /**
   * As `around`, but without consequences: counts, keeps and answers nothing from memory. `explain` asks it: without a
   * password around the stores' `lookup`, where a policy that has none is left out; with one around their `verify`, where such a policy
   * takes part as in a login. A policy that has no memory gives what `around` gives.
   */
  rehearse?(next: Ask): Ask;
}

/** Somebody who is kept out for a while. */
export interface Ban {
  /** Stands for the ban in commands and URLs: letters, digits, `-` and `_`. The host puts the instance's name before it. */
  readonly id: string;
  readonly kind: 'user' | 'network' | 'user-in-network';
  /** Canonical user, network in CIDR notation, or both. */
  readonly user?: string;
  readonly network?: string;
  /** Different wrong passwords counted in the window. */
  readonly tries: number;
  /** When it began and when it ends, in milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  /** False in log-only mode: it would be kept out. */
  readonly enforced: boolean;
}

export interface Bans {
  /** At most `most` of them (1 or more), the youngest first; those of the whole deployment where state is shared. */
  list(most: number): Promise<readonly Ban[]>;
  /** Lifts the ban and forgets the tries behind it. False: there is no such ban. */
  lift(id: string): Promise<boolean>;
}
