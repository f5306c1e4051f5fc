import type { Account, BackendRef, BackendRouter, Backends, LoginAttempt, Routing } from '@postern/contract';
import type { HashConfig } from './config.js';
import { Ring } from './ring.js';

interface Member {
  readonly name: string;
  readonly weight: number;
  readonly ref: BackendRef;
  /** Made once: most answers are this. */
  readonly pinned: Routing;
}

/** Spreads mailboxes over backends by a hash of the account; nothing is stored anywhere. */
export class HashRouter implements BackendRouter {
  readonly #config: HashConfig;
  readonly #ring: Ring<Member>;

  /** Throws when `over` names a backend that is not declared; the host checks that first. */
  constructor(config: HashConfig, backends: Backends) {
    this.#config = config;
    this.#ring = new Ring(membersOf(config.over, backends));
  }

  locate(account: Account, attempt: LoginAttempt): Promise<Routing> {
    return Promise.resolve(this.#locate(account, attempt));
  }

  #locate(account: Account, attempt: LoginAttempt): Routing {
    const key = this.#config.key.render(attempt, account);
    if (key === undefined || key === '') return { kind: 'homeless' };
    // Stores may spell one account differently; a mailbox has one home all the same.
    const folded = key.normalize('NFC').toLowerCase();
    return this.#config.whenDown === 'defer' ? this.#pinned(folded) : this.#ranked(folded);
  }

  #pinned(key: string): Routing {
    return this.#ring.best(key)?.pinned ?? allDrained();
  }

  #ranked(key: string): Routing {
    if (this.#ring.empty) return allDrained();
    return { kind: 'placed', backends: this.#ring.ranked(key).map((member) => member.ref) };
  }
}

/** A backend that the operator calls down stays in: its mailboxes are still there. A drained one has been emptied. */
const membersOf = (names: readonly string[], backends: Backends): Member[] =>
  names.flatMap((name) => {
    const backend = backends.get(name);
    if (backend === undefined) throw new Error(`the backend ${name} is not declared`);
    if (backend.state === 'drain') return [];
    const ref: BackendRef = { kind: 'named', name };
    return [{ name, weight: backend.weight, ref, pinned: { kind: 'placed', backends: [ref] } }];
  });

const allDrained = (): Routing => ({ kind: 'deferred', cause: new Error('every backend of this router is drained') });
