import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Ban, Bans } from '@postern/contract';
import { Identity } from '@postern/kernel';
import { CapturedLog, FakeChanges, SteppableClock } from '@postern/testkit';
import { GatewayOperations } from '../src/operator/gateway-operations.js';

const ban = (id: string, since: number): Ban => ({
  id,
  kind: 'user',
  user: 'anna@example.org',
  tries: 10,
  since,
  until: since + 60_000,
  enforced: true,
});

class FakeBans implements Bans {
  readonly lifts: string[] = [];
  readonly asked: number[] = [];
  readonly #bans: readonly Ban[];

  constructor(...bans: readonly Ban[]) {
    this.#bans = bans;
  }

  list(most: number): Promise<readonly Ban[]> {
    this.asked.push(most);
    return Promise.resolve(this.#bans);
  }

  lift(id: string): Promise<boolean> {
    this.lifts.push(id);
    return Promise.resolve(this.#bans.some((one) => one.id === id));
  }
}

describe('what an operator may do', () => {
  let changes: FakeChanges;
  let clock: SteppableClock;
  let log: CapturedLog;
  let bans: Map<string, Bans>;
  let operations: GatewayOperations;

  beforeEach(() => {
    changes = new FakeChanges();
    clock = new SteppableClock();
    log = new CapturedLog();
    bans = new Map();
    const identity = new Identity({ defaultDomain: 'example.org', domainAliases: { 'example.com': 'example.org' }, stripTag: '+' });
    const generation = { bans, canonical: (typed: string) => identity.canonical(typed) };
    operations = new GatewayOperations({ generation: () => generation, changes, clock, log });
  });

  it.each([
    [{ user: 'Anna+News@EXAMPLE.com' }, { user: 'anna@example.org' }],
    [{ user: 'anna' }, { user: 'anna@example.org' }],
    [{ domain: 'Example.COM' }, { domain: 'example.org' }],
    [{ domain: 'bücher.example' }, { domain: 'xn--bcher-kva.example' }],
    [{ all: true as const }, { all: true as const }],
  ])('tells everybody of %j in the form that is remembered: %j', (wish, change) => {
    const heard: unknown[] = [];
    changes.follow((one) => heard.push(one));
    expect(operations.flush(wish)).toEqual({ kind: 'flushed', change });
    expect(heard).toEqual([change]);
  });

  it.each([{ user: '@example.org' }, { user: 'a\u0000b' }, { domain: 'a b' }, { domain: 'evil@example.org' }, { domain: '..' }])(
    'tells nobody of %j, which nobody could log in with',
    (wish) => {
      const heard: unknown[] = [];
      changes.follow((one) => heard.push(one));
      expect(operations.flush(wish)).toEqual({ kind: 'malformed', why: expect.any(String) });
      expect(heard).toEqual([]);
    },
  );

  it('lists the bans of all policies, the youngest first, each under its policy’s name', async () => {
    bans.set('throttle', new FakeBans(ban('a', 30), ban('b', 10)));
    bans.set('throttle.staff', new FakeBans(ban('c', 20)));
    const { bans: listed, unavailable } = await operations.bans(2);
    expect(listed.map(({ id, instance }) => [id, instance])).toEqual([
      ['throttle.a', 'throttle'],
      ['throttle.staff.c', 'throttle.staff'],
    ]);
    expect(unavailable).toEqual([]);
  });

  it('lists what it can when a policy fails, hangs or talks nonsense, and names that one', async () => {
    bans.set('good', new FakeBans(ban('a', 1)));
    bans.set('throws', {
      list: () => {
        throw new Error('at once');
      },
      lift: () => Promise.resolve(true),
    });
    bans.set('rejects', { list: () => Promise.reject(new Error('away')), lift: () => Promise.resolve(true) });
    bans.set('odd', { list: () => Promise.resolve([{ ...ban('x', 1), password: 'sesame' } as Ban]), lift: () => Promise.resolve(true) });
    bans.set('hangs', { list: () => new Promise(() => undefined), lift: () => new Promise(() => undefined) });
    const listing = operations.bans(10);
    const lifting = operations.lift('hangs.x');
    await clock.step(5000);
    expect(await listing).toMatchObject({ bans: [{ id: 'good.a' }], unavailable: ['throws', 'rejects', 'odd', 'hangs'] });
    expect(await lifting).toBe('unavailable');
    expect(clock.pending).toBe(0);
  });

  it('lifts a ban at the policy whose it is, dots in the name or not', async () => {
    const plain = new FakeBans(ban('c', 1));
    const dotted = new FakeBans(ban('c', 1));
    bans.set('throttle', plain).set('throttle.staff', dotted);
    expect(await operations.lift('throttle.staff.c')).toBe('lifted');
    expect([plain.lifts, dotted.lifts]).toEqual([[], ['c']]);
    expect(await operations.lift('throttle.d')).toBe('unknown');
  });

  it.each(['', 'c', '.c', 'throttle', 'other.c', '__proto__.c', 'throttle.'])('knows no ban %j', async (id) => {
    bans.set('throttle', new FakeBans(ban('c', 1)));
    expect(await operations.lift(id)).toBe('unknown');
  });
});
