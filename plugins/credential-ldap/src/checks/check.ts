import type { Lookup, Verdict } from '@postern/contract';
import type { Names } from '../names.js';

/** Whom a store is asked about. */
export interface Asked {
  /** Canonical. */
  readonly user: string;
  readonly names: Names;
  /** Nobody sees how long the answer takes. */
  readonly unseen?: boolean;
  /** Whether the account of this DN may be tried; undefined: nobody counts. See `LoginAttempt.mayTry`. */
  readonly mayTry?: ((account: string) => Promise<boolean>) | undefined;
}

/** One of the ways to find out whether a password is right. */
export interface Check {
  /** Whether a wrong password is told apart from an unknown user. */
  readonly knowsUsers: boolean;
  /** May reject: that is *deferred*. `password` is never empty. */
  verify(asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict>;
  /** Searches for somebody who is not there. Rejects when the directory does not answer as it would have to: no such base, no rights. */
  probe?: (signal: AbortSignal) => Promise<void>;
  /** Absent where nobody may look. */
  lookup?: (asked: Asked, signal: AbortSignal) => Promise<Lookup>;
}
