import type { Account, BackendRouter, Comparison, CredentialStore, LedgerEvent, Policy } from '@postern/contract';
import { Condition, type WhenConfig } from '../../../src/answer/condition.js';
import { StoreGuard, type StoreLimits } from '../../../src/answer/guard/store-guard.js';
import { Identity } from '../../../src/answer/identity.js';
import { OpenJournals } from '../../../src/answer/open-journals.js';
import type { Outcome } from '../../../src/answer/outcome.js';
import type { How } from '../../../src/answer/decider.js';
import type { Pipeline } from '../../../src/answer/pipeline.js';
import { RouteFinder } from '../../../src/answer/route-finder.js';
import type { Seat, StoreSeat } from '../../../src/answer/seat.js';
import { AccountDifference } from '../../../src/answer/shadow/account-difference.js';
import { type DropReason, Observer } from '../../../src/answer/shadow/observer.js';
import { StoreFinder } from '../../../src/answer/store-finder.js';
import { ManualClock, MemoryLog, openPlacer, pipelineOf, plain, rawAttempt, seat, settled } from '../fakes.js';

export const deadlineMs = 5000;

const defaults: StoreLimits = { concurrency: 64, queue: 256, breaker: { after: 5, forMs: 2000 } };

/** Places each account where its attribute `host` says. */
const hostRouter: BackendRouter = {
  locate: async ({ attributes }) =>
    attributes['host'] === undefined ? { kind: 'homeless' } : { kind: 'placed', backends: [{ kind: 'named', name: attributes['host'] }] },
};

export const account = (attributes: Readonly<Record<string, string>> = { host: 'mail-a' }, user = 'ann@example.org'): Account => ({
  user,
  attributes,
});

interface ShadowParts {
  readonly name?: string;
  readonly store: CredentialStore;
  readonly when?: WhenConfig;
  readonly limits?: Partial<StoreLimits>;
}

export interface RoomParts {
  readonly stores: readonly StoreSeat[];
  readonly shadows?: readonly ShadowParts[];
  readonly most?: number;
  readonly policies?: readonly Seat<Policy>[];
  readonly attributes?: readonly string[];
  readonly router?: BackendRouter;
  readonly identity?: Identity;
}

/** A pipeline with stores in the shadow, and everything that is heard of them. */
export class ShadowRoom {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly noted: LedgerEvent[] = [];
  readonly counted: Comparison[] = [];
  readonly dropped: DropReason[] = [];
  readonly asked: { readonly shadow: string; readonly ms: number }[] = [];
  readonly finder: StoreFinder;
  readonly observer: Observer;
  readonly pipeline: Pipeline;

  constructor({ stores, shadows = [], most = Infinity, policies = [], attributes = ['host'], router = hostRouter, identity }: RoomParts) {
    const { clock, log } = this;
    const journals = new OpenJournals();
    this.finder = new StoreFinder({ clock, ms: deadlineMs, journals });
    const seats = shadows.map(({ name = 'shadow', store, when, limits }): StoreSeat => {
      const guard = new StoreGuard({ name, limits: { ...defaults, ...limits }, clock, log, scrub: String });
      return { name, instance: store, on: {}, when: Condition.from(when), guard };
    });
    this.finder.open([...stores, ...seats]);
    const routes = new RouteFinder({ placer: openPlacer(log), clock, log });
    const routers = [seat('by-host', router)];
    routes.open(routers);
    const canonical = identity ?? new Identity({ defaultDomain: 'example.org' });
    this.observer = new Observer({
      shadows: seats.map(({ name, when }) => ({ name, when, store: this.finder.get(name) ?? fail(name), most })),
      difference: new AccountDifference({ identity: canonical, routes, attributes }),
      deadlineMs,
      ledger: { note: (event) => void this.noted.push(event) },
      watcher: {
        compared: (comparison) => void this.counted.push(comparison),
        asked: (shadow, ms) => void this.asked.push({ shadow, ms }),
        dropped: (_, why) => void this.dropped.push(why),
      },
      clock,
      log,
    });
    const { observer } = this;
    ({ pipeline: this.pipeline } = pipelineOf({ stores, policies, routers, clock, log, journals, observer, identity: canonical }));
  }

  /** One login, and all that can follow from it at once. */
  async login(user = 'ann@example.org', password = 'right', how: How = 'login'): Promise<Outcome> {
    const outcome = await this.pipeline.answer(rawAttempt({ rawUser: user, proof: plain(password) }), how);
    await settled();
    await settled();
    return outcome;
  }

  /** Each comparison of the ledger in short. */
  get compared(): readonly string[] {
    return this.noted.flatMap((event) => {
      if (event.kind !== 'compared') return [];
      const { answering, other, kind, differing } = event.comparison;
      return [[answering, other, kind, ...differing].join(' ')];
    });
  }
}

const fail = (name: string): never => {
  throw new Error(`${name} is not found`);
};
