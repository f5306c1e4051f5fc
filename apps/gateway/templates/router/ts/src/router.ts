import type { Account, BackendRouter, Routing } from '@postern/contract';

/** Says which backends may hold a mailbox, best first. The same account must always get the same answer. */
export class Router implements BackendRouter {
  readonly #attribute: string;
  readonly #homes: ReadonlyMap<string, string>;

  constructor(attribute: string, homes: ReadonlyMap<string, string>) {
    this.#attribute = attribute;
    this.#homes = homes;
  }

  /** A router that asks somebody passes the signal on, and says *deferred* (or throws) when it cannot tell: a wrong guess opens an empty mailbox. */
  locate(account: Account): Promise<Routing> {
    // Of the account itself: an attribute may be missing, and nobody is called `constructor`.
    const value = Object.hasOwn(account.attributes, this.#attribute) ? account.attributes[this.#attribute] : undefined;
    const name = value === undefined ? undefined : this.#homes.get(value);
    // One backend means pinned: if it is down, the login waits. Several mean shared storage, best first.
    return Promise.resolve(name === undefined ? { kind: 'homeless' } : { kind: 'placed', backends: [{ kind: 'named', name }] });
  }
}
