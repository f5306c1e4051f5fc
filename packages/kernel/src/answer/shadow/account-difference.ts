import type { Account, BackendRef, LoginAttempt, Routing } from '@postern/contract';
import type { Identity } from '../identity.js';
import { refText } from '../routers.js';
import { differingAttributes, sameToRouters } from './comparing.js';
import type { ObservedLogin } from './observed-login.js';

/** The routers, asked apart from any login. */
export interface RouteChoice {
  /** Which backends may hold the account's mailbox, best first. Never rejects; an aborted signal gives `deferred`. */
  locate(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<Routing>;
}

export interface AccountDifferenceParts {
  readonly identity: Pick<Identity, 'canonical'>;
  readonly routes: RouteChoice;
  /** Names of the attributes that matter. */
  readonly attributes: readonly string[];
}

/** What the same person's accounts in two stores do not have in common. A different mail server would open an empty mailbox. */
export class AccountDifference {
  readonly #parts: AccountDifferenceParts;

  constructor(parts: AccountDifferenceParts) {
    this.#parts = parts;
  }

  /** Names of attributes, `user` for the canonical name, `route` for the backend. Where a router cannot tell, `route` is left out. */
  async between(actual: Account, other: Account, login: ObservedLogin, signal: AbortSignal): Promise<readonly string[]> {
    const differing = new Set(differingAttributes(this.#parts.attributes, actual, other));
    if (this.#name(actual) !== this.#name(other)) differing.add('user');
    if (await this.#routesDiffer(actual, other, login, signal)) differing.add('route');
    return [...differing];
  }

  /** A store may spell the user in its own way. */
  #name({ user }: Account): string {
    const name = this.#parts.identity.canonical(user);
    return name.kind === 'user' ? name.user : user;
  }

  async #routesDiffer(actual: Account, other: Account, login: ObservedLogin, signal: AbortSignal): Promise<boolean> {
    if (login.backends === undefined || sameToRouters(actual, other)) return false;
    const [one, two] = await Promise.all([this.#actual(actual, login, signal), this.#first(other, login.attempt, signal)]);
    return one !== undefined && two !== undefined && one !== two;
  }

  /** A policy may have changed the account on its way out: then the routers were asked about another one. */
  async #actual(account: Account, { account: routed, backends, attempt }: ObservedLogin, signal: AbortSignal): Promise<string | undefined> {
    return account === routed ? firstOf(backends) : this.#first(account, attempt, signal);
  }

  async #first(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<string | undefined> {
    const routing = await this.#parts.routes.locate(account, attempt, signal);
    switch (routing.kind) {
      case 'placed':
        return firstOf(routing.backends);
      case 'homeless':
        return homeless;
      case 'deferred':
        return undefined;
    }
  }
}

/** Like no backend's name. */
const homeless = '';

const firstOf = (backends: readonly BackendRef[] = []): string | undefined => backends[0] && refText(backends[0]);
