import type { Account } from './account.js';
import type { LoginAttempt } from './attempt.js';
import type { Mechanism } from './mechanism.js';
import type { RefusedWhy, Verdict } from './verdict.js';

/** What `lookup` knows of a user, without any proof. */
export type Lookup =
  | { readonly kind: 'found'; readonly account: Account }
  | { readonly kind: 'unknown-user' }
  | { readonly kind: 'refused'; readonly why: RefusedWhy }
  | { readonly kind: 'deferred'; readonly cause: unknown };

/** A password hash to keep for a user. Never a clear-text password. */
export interface PasswordHash {
  /** With its scheme prefix, for example `{ARGON2ID}$argon2id$…`. */
  readonly hash: string;
  /** The hash that must still be there for the write to happen (compare and set); absent means: only when there is none. */
  readonly previous?: string;
}

export type Enrolled =
  | { readonly kind: 'enrolled' }
  /** Another writer was first; nothing was changed. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'deferred'; readonly cause: unknown };

/** What is stored for a user, for those who compare and set. */
export type Kept =
  /** With its scheme prefix. */
  | { readonly kind: 'kept'; readonly hash: string }
  /** The user is known and has no hash, or is not known. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'deferred'; readonly cause: unknown };

/** Declared, never sniffed: the chain decides on these without calling the store. */
export interface StoreAbilities {
  /** Mechanisms `verify` can judge. `external` and `none` are answered through `lookup` and need not be listed. */
  readonly mechanisms: readonly Mechanism[];
  /** True when a wrong password is told apart from an unknown user. The chain stops at such a store's rejection. */
  readonly knowsUsers: boolean;
}

/**
 * Answers one question: is this proof right?
 *
 * `verify` must end soon after `signal` aborts (the host stops listening at once and counts the answer as deferred),
 * must never let an empty password reach a backend, and may be called by many logins at once.
 */
export interface CredentialStore {
  readonly abilities: StoreAbilities;
  verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict>;
  /** Who is this? Asked for client certificates, SMTP recipients, `explain` and shadow comparison. `user` is canonical. */
  lookup?(user: string, signal: AbortSignal): Promise<Lookup>;
  /** Keeps a hash for a user: capture during a migration, rehash on login. */
  enroll?(account: Account, password: PasswordHash, signal: AbortSignal): Promise<Enrolled>;
  /** The hash that is kept for a canonical user: to replace exactly that one, or to see whether its scheme is still good. */
  kept?(user: string, signal: AbortSignal): Promise<Kept>;
  /** Takes a kept hash away if it is still exactly `hash`; afterwards the user has none, and `verify` says `unknown-user`. */
  withdraw?(user: string, hash: string, signal: AbortSignal): Promise<Enrolled>;
}
