import type { Account } from './account.js';
import type { LoginAttempt } from './attempt.js';

/** A mail server as a router names it. Turning it into an IP literal and a port is the host's work alone. */
export type BackendRef =
  /** One of the declared `backends`. */
  | { readonly kind: 'named'; readonly name: string }
  /** A host name or IP literal (no brackets); without a port (1 to 65 535), the protocol's default. */
  | { readonly kind: 'direct'; readonly host: string; readonly port?: number };

export type Routing =
  /** Best first, never empty. One entry means pinned: if it is down the login is deferred, not moved. */
  | { readonly kind: 'placed'; readonly backends: readonly BackendRef[] }
  /** This router does not know the account: the next router is asked. */
  | { readonly kind: 'homeless' }
  /** Cannot tell now; nobody else is asked, since a wrong guess opens an empty mailbox. */
  | { readonly kind: 'deferred'; readonly cause: unknown };

/** Answers one question: which backends may hold this mailbox, best first? The same account always gets the same answer. */
export interface BackendRouter {
  locate(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<Routing>;
}
