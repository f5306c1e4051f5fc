import type { Account } from './account.js';
import type { LoginAttempt } from './attempt.js';
import type { Protocol } from './mechanism.js';

/** Where a mailbox would be looked for. */
export type Whereabouts =
  /** `host`: as it is configured, for a certificate's name. `address`: an IP literal without brackets, to connect to. */
  | { readonly kind: 'found'; readonly backend: string; readonly host: string; readonly address: string; readonly port: number }
  /** No router knows the account. */
  | { readonly kind: 'homeless' }
  /** Cannot tell now: a router is in trouble, or whoever holds the mailbox is known to be down. */
  | { readonly kind: 'deferred'; readonly cause: unknown };

/** The routers of the plugin list, as a store or policy may ask them. */
export interface Routes {
  /**
   * Which mail server would be chosen, and where it listens for `protocol` (which may be another one than the attempt's). The same
   * routers, backends and health as for a placement; what the config says of logging in to the backend is left out. An account
   * whose proof nobody has judged yet has no attributes, so a router that goes by one calls it homeless.
   *
   * Never rejects; an aborted signal gives `deferred`. Routers get `deferred` always: they would ask themselves.
   */
  whereTo(account: Account, attempt: LoginAttempt, protocol: Protocol, signal: AbortSignal): Promise<Whereabouts>;
}
