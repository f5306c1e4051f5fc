import { describe, expect, it } from '@jest/globals';
import type { BackendRouter, LoginAttempt, Protocol, Whereabouts } from '@postern/contract';
import type { WhenConfig } from '../../src/answer/condition.js';
import { type BackendLookup, Placer, type Standing } from '../../src/answer/placement.js';
import { RouteFinder, routesForRouters } from '../../src/answer/route-finder.js';
import { accountOf, attemptFor, ManualClock, MemoryLog, never, routerSaying, routerTo, seat } from './fakes.js';

const ports: Readonly<Record<Protocol, number>> = { imap: 143, pop3: 110, smtp: 25 };

/** `a` and `b` are declared; `down`: which of their ports are. */
const backends = (...down: string[]): BackendLookup => ({
  standing: (ref, protocol): Standing => {
    if (ref.kind === 'direct') return 'up';
    if (!['a', 'b'].includes(ref.name)) return 'undeclared';
    return down.includes(`${ref.name} ${protocol}`) ? 'down' : 'up';
  },
  resolve: async (ref, protocol) => {
    const backend = ref.kind === 'named' ? ref.name : ref.host;
    return { kind: 'known', backend, host: `${backend}.internal`, address: '192.0.2.1', port: ports[protocol] };
  },
});

const finder = (routers: readonly (readonly [BackendRouter, WhenConfig?])[], lookup = backends()) => {
  const log = new MemoryLog();
  const made = new RouteFinder({ placer: new Placer({ backends: lookup, log }), clock: new ManualClock(), log });
  made.open(routers.map(([router, when], index) => seat(`router-${index}`, router, when)));
  const whereTo = (attempt: LoginAttempt = attemptFor(), signal = new AbortController().signal): Promise<Whereabouts> =>
    made.whereTo(accountOf(attempt.user), attempt, 'imap', signal);
  return { whereTo, log };
};

const at = (backend: string) => ({ kind: 'found', backend, host: `${backend}.internal`, address: '192.0.2.1', port: 143 });

describe('where somebody would be placed', () => {
  it('is where the first router that knows him says', async () => {
    expect(await finder([[routerSaying({ kind: 'homeless' })], [routerTo('b', 'a')], [routerTo('a')]]).whereTo()).toEqual(at('b'));
  });

  it('is asked for the protocol that is wanted, and of routers for the one that is spoken', async () => {
    const seen: Protocol[] = [];
    const router: BackendRouter = {
      locate: async (_, { protocol }) => {
        seen.push(protocol);
        return { kind: 'placed', backends: [{ kind: 'named', name: 'a' }] };
      },
    };
    const { whereTo } = finder([[routerTo('b'), { protocol: 'imap' }], [router]]);
    expect(await whereTo(attemptFor({ protocol: 'smtp' }))).toEqual(at('a'));
    expect(seen).toEqual(['smtp']);
  });

  it('goes by the health of the port that is wanted', async () => {
    const shared = routerTo('a', 'b');
    expect(await finder([[shared]], backends('a imap')).whereTo(attemptFor({ protocol: 'pop3' }))).toEqual(at('b'));
    expect(await finder([[shared]], backends('a pop3')).whereTo(attemptFor({ protocol: 'pop3' }))).toEqual(at('a'));
    expect(await finder([[routerTo('a')]], backends('a imap')).whereTo()).toMatchObject({ kind: 'deferred' });
  });

  it.each<[string, BackendRouter, object]>([
    ['knows nobody', routerSaying({ kind: 'homeless' }), { kind: 'homeless' }],
    ['cannot tell', routerSaying({ kind: 'deferred', cause: 'table is away' }), { kind: 'deferred', cause: 'table is away' }],
    [
      'throws',
      {
        locate: () => {
          throw new Error('out of order');
        },
      },
      { kind: 'deferred', cause: { message: 'out of order' } },
    ],
    ['names a backend that is not declared', routerTo('c'), { kind: 'deferred', cause: { message: 'no backend is declared as "c"' } }],
    ['answers nonsense', { locate: async () => 42 as never }, { kind: 'deferred' }],
  ])('is no place when the router %s', async (_, router, expected) => {
    expect(await finder([[router]]).whereTo()).toMatchObject(expected);
  });

  it('is nowhere when there is no router for the login', async () => {
    expect(await finder([[routerTo('a'), { domain: 'elsewhere.net' }]]).whereTo()).toEqual({ kind: 'homeless' });
  });

  it('is deferred as soon as nobody waits any more, although a router hangs', async () => {
    const gone = new AbortController();
    const asked = finder([[{ locate: never }]]).whereTo(attemptFor(), gone.signal);
    gone.abort(new Error('over'));
    expect(await asked).toMatchObject({ kind: 'deferred', cause: { message: 'over' } });
    expect(await finder([[routerTo('a')]]).whereTo(attemptFor(), gone.signal)).toMatchObject({ kind: 'deferred' });
  });

  it('is not for routers to ask', async () => {
    const { signal } = new AbortController();
    expect(await routesForRouters.whereTo(accountOf(), attemptFor(), 'imap', signal)).toMatchObject({ kind: 'deferred' });
  });
});
