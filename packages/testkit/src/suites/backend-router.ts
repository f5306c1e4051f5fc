import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { isHostText, type Account, type BackendRef, type BackendRouter, type Lifecycle, type Routing } from '@postern/contract';
import { attempt } from '../fakes/attempt.js';
import type { TestRunner } from '../runner.js';
import { hostileUsers } from './hostile-users.js';
import { skipped } from './skipped.js';

type Router = BackendRouter & Lifecycle;

/** What the suite must know of the router it holds to its role. */
export interface BackendRouterSetup {
  /** A new router, not started yet; all of them have the same config. The suite starts and stops it. */
  make(): Router | Promise<Router>;
  /** Names of the backends that were declared to it. */
  readonly backends: readonly string[];
  /** Accounts that have a home; more than one kind if the router knows several. */
  readonly placed: readonly [Account, ...Account[]];
  /** An account that has none. Absent for a router that knows a home for everybody. */
  readonly homeless?: Account;
  /** The same router, cut off from what it must ask or read; its `start` may fail. Absent for a router that asks nothing. */
  outage?(): Router | Promise<Router>;
}

const never = new AbortController().signal;

/** Holds a backend router to its role: `describeBackendRouter({ describe, it, … }, setup)`, with any test runner. */
export const describeBackendRouter = (runner: TestRunner, setup: BackendRouterSetup): void => {
  runner.describe('a backend router', () => {
    runner.describe('answers', () => describeAnswers(runner, setup));
    runner.describe('stands hostile logins', () => describeAttacks(runner, setup));
    runner.describe('lives and ends', () => describeLife(runner, setup));
  });
};

const describeAnswers = ({ it }: TestRunner, setup: BackendRouterSetup): void => {
  it('places an account that has a home, at backends that can exist', () =>
    withRouter(setup, async (router) => {
      for (const account of setup.placed) {
        const routing = await locate(router, account);
        strictEqual(routing.kind, 'placed', `${account.user} was not placed`);
        checkRouting(routing, setup.backends);
      }
    }));

  it('gives one account the same answer every time, from every instance, at every client', () =>
    withRouter(setup, async (router) => {
      await withRouter(setup, async (twin) => {
        for (const account of setup.placed) {
          const first = await locate(router, account);
          deepStrictEqual(await locate(router, account), first);
          deepStrictEqual(await locate(twin, account), first);
          const elsewhere = attempt({ user: account.user, client: { ip: '2001:db8::9' }, ordinal: 9, tls: { protocol: 'TLSv1.3' } });
          deepStrictEqual(await router.locate(account, elsewhere, never), first);
        }
      });
    }));

  it('answers many at once as it answers one', () =>
    withRouter(setup, async (router) => {
      const accounts = Array.from({ length: 50 }, (_, index) => setup.placed[index % setup.placed.length] ?? setup.placed[0]);
      const alone: Routing[] = [];
      for (const account of accounts) alone.push(await locate(router, account));
      deepStrictEqual(await Promise.all(accounts.map((account) => locate(router, account))), alone);
    }));

  const { homeless } = setup;
  if (homeless === undefined) skipped({ it }, 'says homeless for an account that it does not know', 'it knows a home for everybody');
  else {
    it('says homeless for an account that it does not know', () =>
      withRouter(setup, async (router) => {
        deepStrictEqual(await locate(router, homeless), { kind: 'homeless' });
      }));
  }

  it('changes neither the account nor the attempt', () =>
    withRouter(setup, async (router) => {
      for (const account of setup.placed) await router.locate(frozen(account), frozen(attempt({ user: account.user })), never);
    }));
};

const describeAttacks = ({ it }: TestRunner, setup: BackendRouterSetup): void => {
  for (const [what, user] of hostileUsers) {
    it(`answers a user with ${what}, and never with a host that the user named`, () =>
      withRouter(setup, async (router) => {
        const attributes = Object.assign(Object.create(null) as Record<string, string>, setup.placed[0].attributes);
        for (const account of [{ user, attributes: {} }, ...(namesAHost(user) ? [] : [{ user, attributes }])]) {
          const routing = await locate(router, account);
          checkRouting(routing, setup.backends);
          if (routing.kind === 'placed') for (const ref of routing.backends) checkNotTaken(ref, user, setup.backends);
        }
      }));
  }
};

const describeLife = ({ it }: TestRunner, setup: BackendRouterSetup): void => {
  it('settles when the signal aborted before it was asked', () =>
    withRouter(setup, async (router) => {
      const aborted = AbortSignal.abort(new Error('the deadline passed'));
      const routing = router.locate(setup.placed[0], attempt({ user: setup.placed[0].user }), aborted);
      notStrictEqual(await settled(routing), 'hangs');
    }));

  it('stops without having been started, and twice', async () => {
    const router = await setup.make();
    await router.stop?.(never);
    await router.stop?.(never);
  });

  it('answers, or says that it cannot, after it was stopped', async () => {
    const router = await setup.make();
    await router.start?.(never);
    await router.stop?.(never);
    const routing = await locate(router, setup.placed[0]);
    checkRouting(routing, setup.backends);
    notStrictEqual(routing.kind, 'homeless', 'a stopped router does not know that nobody lives here');
  });

  if (setup.outage === undefined) {
    skipped({ it }, 'says deferred, never homeless, when it cannot look', 'it asks nobody and reads nothing');
    return;
  }
  const outage = setup.outage.bind(setup);
  it('says deferred, never homeless, when it cannot look', async () => {
    const router = await outage();
    await router.start?.(never).catch(() => undefined);
    try {
      for (const account of setup.placed) strictEqual((await locate(router, account)).kind, 'deferred');
      const health = await router.health?.(never);
      notStrictEqual(health?.status, 'up', 'its health says up all the same');
    } finally {
      await router.stop?.(never);
    }
  });
};

const withRouter = async (setup: BackendRouterSetup, use: (router: Router) => Promise<void>): Promise<void> => {
  const router = await setup.make();
  await router.start?.(never);
  try {
    await use(router);
  } finally {
    await router.stop?.(never);
  }
};

const locate = (router: BackendRouter, account: Account): Promise<Routing> =>
  router.locate(account, attempt({ user: account.user }), never);

const checkRouting = (routing: Routing, declared: readonly string[]): void => {
  if (routing.kind !== 'placed') {
    ok(routing.kind === 'homeless' || 'cause' in routing, `not a routing: ${JSON.stringify(routing)}`);
    return;
  }
  ok(routing.backends.length > 0, 'placed nowhere: say homeless or deferred');
  for (const ref of routing.backends) checkRef(ref, declared);
  const distinct = new Set(routing.backends.map((ref) => JSON.stringify(ref)));
  strictEqual(distinct.size, routing.backends.length, 'a backend is named twice in one answer');
};

const checkRef = (ref: BackendRef, declared: readonly string[]): void => {
  if (ref.kind === 'named') {
    ok(declared.includes(ref.name), `${ref.name} was not declared`);
    return;
  }
  ok(isHostText(ref.host), `${JSON.stringify(ref.host)} is neither a host name nor an IP literal`);
  const port = ref.port ?? 143;
  ok(Number.isInteger(port) && port >= 1 && port <= 65_535, `${port} is no port`);
};

const checkNotTaken = (ref: BackendRef, user: string, declared: readonly string[]): void => {
  if (ref.kind === 'named') return;
  ok(declared.includes(ref.host) || !user.toLowerCase().includes(ref.host.toLowerCase()), `the user chose the host ${ref.host}`);
};

/** Attributes come from the store, which the operator trusts; they must not hide a host taken from the user. */
const namesAHost = (user: string): boolean => user.includes('evil');

const settled = async (routing: Promise<Routing>): Promise<'hangs' | 'settled'> => {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<'hangs'>((resolve) => (timer = setTimeout(resolve, 5000, 'hangs')));
  const ends = routing.then(
    () => 'settled' as const,
    () => 'settled' as const,
  );
  return Promise.race([ends, hangs]).finally(() => clearTimeout(timer));
};

const frozen = <T extends object>(value: T): T => {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner)) frozen(inner);
  }
  return Object.freeze(value);
};
