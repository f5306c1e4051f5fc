import { describe, expect, it } from '@jest/globals';
import type { Account, Lookup, Policy, Verdict } from '@postern/contract';
import { Identity } from '../../../src/answer/identity.js';
import { fakeStore, knowing, never, seat, settled } from '../fakes.js';
import { account, ShadowRoom } from './room.js';

const accepted = (whose: Account = account()): Verdict => ({ kind: 'accepted', account: whose });
const found: Lookup = { kind: 'found', account: account() };
const unknown = { kind: 'unknown-user' } as const;
const disabled = { kind: 'refused', why: 'disabled', proofHeld: false } as const;
const deferred: Verdict = { kind: 'deferred', cause: new Error('away') };

const compare = async (answering: Verdict, shadow: Verdict, lookup?: Lookup): Promise<ShadowRoom> => {
  const store = fakeStore(shadow, lookup === undefined ? {} : { lookup });
  const room = new ShadowRoom({ stores: [knowing('old', answering)], shadows: [{ store }] });
  await room.login();
  return room;
};

describe('a login that was let in', () => {
  it.each<[string, Verdict]>([
    ['match', accepted()],
    ['ok/unknown', unknown],
    ['ok/mismatch', { kind: 'rejected' }],
    ['ok/disabled', disabled],
    ['ok/disabled', { kind: 'refused', why: 'expired', proofHeld: true }],
    ['undecided', deferred],
    ['undecided', { kind: 'limited' }],
    ['undecided', { kind: 'nonsense' } as unknown as Verdict],
    ['attributes host route', accepted(account({ host: 'mail-b' }))],
    ['attributes host route', accepted(account({}))],
    ['attributes user', accepted(account({ host: 'mail-a' }, 'other@example.org'))],
    ['match', accepted(account({ host: 'mail-a' }, 'Ann'))],
    ['match', accepted(account({ host: 'mail-a', telephone: '1' }))],
  ])('compares as %s', async (kind, shadow) => {
    const room = await compare(accepted(), shadow);
    expect(room.compared).toEqual([`old shadow ${kind}`]);
    expect(room.counted).toHaveLength(1);
    expect(room.noted[0]).toEqual({ kind: 'answered', user: 'ann@example.org', store: 'old', outcome: 'accepted' });
  });

  it('compares the attributes that are named, whatever their names', async () => {
    const own = JSON.parse('{"host":"mail-a","__proto__":"x"}') as Record<string, string>;
    const room = new ShadowRoom({
      stores: [knowing('old', accepted(account(own)))],
      shadows: [{ store: fakeStore(accepted()) }],
      attributes: ['__proto__', 'toString', 'host'],
    });
    await room.login();
    expect(room.compared).toEqual(['old shadow attributes __proto__']);
  });

  it('tells a route that differs although the named attributes do not, and asks no router where all is equal', async () => {
    const routed: Account[] = [];
    const router = {
      locate: async (whose: Account) => {
        routed.push(whose);
        return { kind: 'placed', backends: [{ kind: 'named', name: whose.attributes['home'] ?? 'none' }] } as const;
      },
    };
    const other = account({ home: 'mail-b' });
    const seen = { store: fakeStore(accepted(account({ home: 'mail-a' }))) };
    const room = new ShadowRoom({
      stores: [knowing('old', accepted(account({ home: 'mail-a' })))],
      shadows: [
        { name: 'one', store: fakeStore(accepted(other)) },
        { name: 'two', ...seen },
      ],
      router,
    });
    await room.login();
    expect(room.compared).toEqual(['old two match', 'old one attributes route']);
    expect(routed).toHaveLength(2);
  });

  it('leaves the route out where a router cannot tell', async () => {
    let asked = 0;
    const router = {
      locate: async () =>
        (asked += 1) === 1
          ? ({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] } as const)
          : ({ kind: 'deferred', cause: 'table is away' } as const),
    };
    const room = new ShadowRoom({
      stores: [knowing('old', accepted())],
      shadows: [{ store: fakeStore(accepted(account({ host: 'mail-a', x: '1' }))) }],
      router,
    });
    await room.login();
    expect(room.compared).toEqual(['old shadow match']);
    expect(asked).toBe(2);
  });

  it('asks the routers for both where a policy changed the account on its way', async () => {
    const policy: Policy = {
      around: (next) => async (attempt, signal) => {
        await next(attempt, signal);
        return accepted(account({ host: 'mail-x' }));
      },
    };
    const room = new ShadowRoom({
      stores: [knowing('old', accepted(account({ host: 'mail-a' })))],
      shadows: [{ store: fakeStore(accepted(account({ host: 'mail-a', x: '1' }))) }],
      policies: [seat('changes', policy)],
    });
    await room.login();
    expect(room.compared).toEqual(['old shadow match']);
  });

  it('is compared under the canonical user, however it was typed', async () => {
    const store = fakeStore(accepted());
    const identity = new Identity({ domainAliases: { 'example.com': 'example.org' }, stripTag: '+' });
    const room = new ShadowRoom({ stores: [knowing('old', accepted())], shadows: [{ store }], identity });
    await room.login('ANN+news@Example.COM');
    expect(store.asked.map(({ user }) => user)).toEqual(['ann@example.org']);
    expect(room.counted[0]?.user).toBe('ann@example.org');
  });

  it('is told with the milliseconds of both', async () => {
    const waiting: ((verdict: Verdict) => void)[] = [];
    const slow = () => new Promise<Verdict>((resolve) => waiting.push(resolve));
    const room = new ShadowRoom({
      stores: [{ ...knowing('old', unknown), instance: fakeStore(slow) }],
      shadows: [{ store: fakeStore(slow) }],
    });
    const answer = room.login();
    await room.clock.pass(20);
    waiting[0]?.(accepted());
    await answer;
    await room.clock.pass(300);
    waiting[1]?.(accepted());
    await settled();
    expect(room.counted).toEqual([expect.objectContaining({ answeringMs: 20, otherMs: 300, kind: 'match' })]);
    expect(room.asked).toEqual([{ shadow: 'shadow', ms: 300 }]);
  });

  it('is not compared with a shadow that cannot judge the mechanism', async () => {
    const store = fakeStore(accepted(), { mechanisms: ['cram-md5'], lookup: found });
    const room = new ShadowRoom({ stores: [knowing('old', accepted())], shadows: [{ store }] });
    await room.login();
    expect([store.asked, store.looked, room.compared]).toEqual([[], [], []]);
  });
});

describe('a login that was not let in', () => {
  it.each<[string, Verdict, Lookup]>([
    ['disabled/ok', disabled, found],
    ['disabled/ok', { kind: 'refused', why: 'locked', proofHeld: true }, found],
    ['match', disabled, { kind: 'refused', why: 'disabled' }],
    ['match', disabled, unknown],
    ['unknown/ok', unknown, found],
    ['undecided', disabled, { kind: 'deferred', cause: 'away' }],
  ])('compares as %s by a look-up alone', async (kind, answering, lookup) => {
    const room = await compare(answering, accepted(), lookup);
    expect(room.compared).toEqual([`old shadow ${kind}`]);
  });

  it('of somebody whom no store knows is counted and not written down: made-up names must not fill the ledger', async () => {
    const room = await compare(unknown, accepted(), unknown);
    expect(room.counted.map(({ kind }) => kind)).toEqual(['match']);
    expect(room.noted).toEqual([]);
  });

  it.each<[string, Verdict]>([
    ['rejected', { kind: 'rejected' }],
    ['deferred', deferred],
    ['limited', { kind: 'limited' }],
    ['refused where it came from', { kind: 'refused', why: 'tls-required', proofHeld: false }],
    ['refused by a rule', { kind: 'refused', why: 'policy', proofHeld: true }],
  ])('because it was %s is not compared at all', async (_, answering) => {
    const store = fakeStore(accepted(), { lookup: found });
    const room = new ShadowRoom({ stores: [knowing('old', answering)], shadows: [{ store }] });
    await room.login();
    expect([store.asked, store.looked, room.compared]).toEqual([[], [], []]);
  });
});

describe('the chain itself', () => {
  it.each<[string, Verdict]>([
    ['mismatch/ok', { kind: 'rejected' }],
    ['unknown/ok', unknown],
  ])('shows %s without another question', async (kind, first) => {
    const stores = [knowing('new', first, { rejected: 'next' }), knowing('old', accepted())];
    const room = new ShadowRoom({ stores });
    await room.login();
    expect(room.compared).toEqual([`new old ${kind}`]);
    expect(stores.map(({ instance }) => (instance as ReturnType<typeof fakeStore>).asked.length)).toEqual([1, 1]);
  });

  it('shows nothing where nobody let the login in', async () => {
    const room = new ShadowRoom({ stores: [knowing('new', { kind: 'rejected' }, { rejected: 'next' }), knowing('old', unknown)] });
    await room.login();
    expect(room.compared).toEqual([]);
    expect(room.noted).toEqual([{ kind: 'answered', user: 'ann@example.org', store: 'new', outcome: 'rejected' }]);
  });
});

describe('what is no login', () => {
  it('is not observed: a question who somebody is, an explanation, an answer from memory', async () => {
    const store = fakeStore(accepted(), { lookup: found });
    const room = new ShadowRoom({
      stores: [{ ...knowing('old', unknown), instance: fakeStore(accepted(), { lookup: found }) }],
      shadows: [{ store }],
    });
    await room.login('ann@example.org', 'right', 'lookup');
    await room.login('ann@example.org', 'right', 'trial');
    const memory = new ShadowRoom({
      stores: [{ ...knowing('old', unknown), instance: fakeStore(() => never()) }],
      shadows: [{ store }],
      policies: [seat('cache', { around: () => async () => accepted() })],
    });
    await memory.login();
    expect([...room.noted, ...memory.noted, ...store.asked, ...store.looked]).toEqual([]);
  });
});
