import type { Account, BackendRef, BackendRouter, Clock, Log, LoginAttempt, Protocol } from '@postern/contract';
import type { BackendTarget } from '../backends/backend.js';
import { attemptId } from './attempt-id.js';
import { causeText } from './cause.js';
import { Chain } from './chain.js';
import { withinTime } from './deadline.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import { LoginTime } from './login-time.js';
import type { Placer } from './placement.js';
import { Routers } from './routers.js';
import type { Seat, StoreSeat } from './seat.js';
import { UnknownAttributes } from './unknown-attributes.js';

/**
 * What the stores know of somebody. `refused`: there, and kept out. `not-asked`: nobody was asked, or not everybody can look users up.
 * Only `found` comes with attributes.
 */
export type KnownAs = 'found' | 'unknown-user' | 'refused' | 'not-asked';

/** Where a config looks for a mailbox, whoever answers there just now. */
export type Home =
  | { readonly kind: 'malformed'; readonly why: string }
  /** `down`: every backend that may hold the mailbox is switched off in the config; this is the first of them. */
  | { readonly kind: 'at' | 'down'; readonly user: string; readonly known: KnownAs; readonly backend: BackendTarget }
  /** No router knows the account. */
  | { readonly kind: 'homeless'; readonly user: string; readonly known: KnownAs }
  | { readonly kind: 'unclear'; readonly user: string; readonly why: string };

export interface HomeQuestion {
  readonly protocol: Protocol;
  readonly clientIp: string;
  /** False: for a user who is made up. */
  readonly askStores: boolean;
}

export interface HomeFinderParts {
  readonly identity: Pick<Identity, 'canonical'>;
  readonly stores: readonly StoreSeat[];
  readonly routers: readonly Seat<BackendRouter>[];
  readonly placer: Pick<Placer, 'usable'>;
  readonly backends: { target(ref: BackendRef): BackendTarget | undefined };
  /** Milliseconds for one answer. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the config's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

interface Known {
  readonly as: KnownAs;
  readonly account: Account;
  /** There when attributes may exist that nobody told. */
  readonly untold?: UnknownAttributes;
}

/** Who a login is and where its mailbox is looked for: no proof, no policy, no address. */
export class HomeFinder {
  readonly #parts: HomeFinderParts;
  readonly #time: LoginTime;
  readonly #chain: Chain;
  readonly #routers: Routers;

  /** Throws when a store declares no abilities. */
  constructor(parts: HomeFinderParts) {
    const { clock, log, stores, routers } = parts;
    this.#parts = parts;
    this.#time = new LoginTime(clock, parts.deadlineMs);
    this.#chain = new Chain({ stores, clock, log, moments: this.#time.moments });
    this.#routers = new Routers({ routers, clock, log });
  }

  /** Never rejects, and settles within the deadline. */
  async find(typed: string, question: HomeQuestion): Promise<Home> {
    const named = this.#parts.identity.canonical(typed);
    if (named.kind === 'malformed') return named;
    const attempt = attemptOf(named.user, typed, question);
    const journal = this.#time.journal('lookup');
    try {
      const { clock, deadlineMs } = this.#parts;
      return await withinTime(this.#find(attempt, question, journal), deadlineMs, clock, () => undefined);
    } catch (cause) {
      return { kind: 'unclear', user: named.user, why: this.#text(cause) };
    } finally {
      journal.close();
    }
  }

  async #find(attempt: LoginAttempt, { askStores }: HomeQuestion, journal: Journal): Promise<Home> {
    const { user } = attempt;
    const known = askStores ? await this.#known(attempt, journal) : untold(user, 'not-asked');
    if (typeof known === 'string') return { kind: 'unclear', user, why: known };
    const routing = await this.#routers.locate(known.account, attempt, journal);
    if (known.untold?.wanted === true)
      return { kind: 'unclear', user, why: 'a router goes by an attribute, and no store told the attributes of this user' };
    switch (routing.kind) {
      case 'deferred':
        return { kind: 'unclear', user, why: this.#text(routing.cause) };
      case 'homeless':
        return { kind: 'homeless', user, known: known.as };
      case 'placed':
        return this.#at(routing.backends, attempt, known.as);
    }
  }

  /** Or why nobody can tell. */
  async #known(attempt: LoginAttempt, journal: Journal): Promise<Known | string> {
    const { user } = attempt;
    const verdict = await this.#chain.ask(attempt, journal.signal, journal);
    switch (verdict.kind) {
      case 'accepted':
        return { as: 'found', account: verdict.account };
      case 'refused':
        return untold(user, 'refused');
      case 'unknown-user':
        return this.#allCanLookUp(attempt) ? { as: 'unknown-user', account: { user, attributes: {} } } : untold(user, 'not-asked');
      case 'unsupported':
        return untold(user, 'not-asked');
      case 'deferred':
        return `a store cannot tell: ${this.#text(verdict.cause)}`;
      case 'rejected':
      case 'limited':
        return `a store said ${verdict.kind} where nothing was to be proved`;
    }
  }

  #allCanLookUp(attempt: LoginAttempt): boolean {
    return this.#parts.stores.every(({ when, instance }) => instance.lookup !== undefined || !when.matches(attempt));
  }

  #at(refs: readonly BackendRef[], { user, protocol }: LoginAttempt, known: KnownAs): Home {
    const { placer, backends } = this.#parts;
    const usable = placer.usable(refs, protocol);
    if (typeof usable === 'string')
      return { kind: 'unclear', user, why: `no backend is declared as ${JSON.stringify(usable.slice(0, 100))}` };
    const [best] = usable;
    const ref = best ?? refs[0];
    const backend = ref && backends.target(ref);
    if (backend === undefined) return { kind: 'unclear', user, why: 'a router named a backend that is not declared' };
    return { kind: best === undefined ? 'down' : 'at', user, known, backend };
  }

  #text(cause: unknown): string {
    return this.#parts.scrub(causeText(cause));
  }
}

const untold = (user: string, as: KnownAs): Known => {
  const attributes = new UnknownAttributes();
  return { as, account: { user, attributes: attributes.attributes }, untold: attributes };
};

/** Nobody proves anything: routers and `when` see what a login over TLS would show them. */
const attemptOf = (user: string, rawUser: string, { protocol, clientIp }: HomeQuestion): LoginAttempt => ({
  id: attemptId(),
  user,
  rawUser,
  proof: { mechanism: 'plain', password: '', bytes: new Uint8Array() },
  protocol,
  client: { ip: clientIp },
  tls: {},
  ordinal: 1,
});
