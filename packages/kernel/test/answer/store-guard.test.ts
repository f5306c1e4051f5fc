import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Verdict } from '@postern/contract';
import fc from 'fast-check';
import { StoreGuard, type StoreLimits } from '../../src/answer/guard/store-guard.js';
import type { Outcome } from '../../src/answer/outcome.js';
import type { StoreSeat } from '../../src/answer/seat.js';
import {
  accepted,
  type Bench,
  fakeStore,
  type FakeStore,
  ManualClock,
  MemoryLog,
  never,
  pipelineOf,
  plain,
  rawAttempt,
  settled,
  storeSeat,
} from './fakes.js';

const unknown: Verdict = { kind: 'unknown-user' };
const broken: Verdict = { kind: 'deferred', cause: new Error('the directory is away') };
const defaults: StoreLimits = { concurrency: 4, queue: 4, breaker: { after: 3, forMs: 2000 } };

interface Room extends Bench {
  readonly guards: ReadonlyMap<string, StoreGuard>;
  login(user: string): Promise<Outcome>;
  kindOf(user: string): Promise<Verdict['kind']>;
}

const roomOf = (seats: readonly (StoreSeat & { readonly limits?: Partial<StoreLimits> })[]): Room => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const guards = new Map<string, StoreGuard>();
  const stores = seats.map(({ limits, ...seat }) => {
    const { name } = seat;
    const guard = new StoreGuard({
      name,
      limits: { ...defaults, ...limits },
      clock,
      log,
      scrub: (text) => text.replaceAll('bindpw', '[secret]'),
    });
    guards.set(name, guard);
    return { ...seat, guard };
  });
  const { pipeline } = pipelineOf({ stores, clock, log });
  const login = (user: string): Promise<Outcome> => pipeline.answer(rawAttempt({ rawUser: `${user}@example.org` }));
  return { clock, log, pipeline, guards, login, kindOf: async (user) => (await login(user)).verdict.kind };
};

const guarded = (name: string, instance: CredentialStore, limits: Partial<StoreLimits> = {}) => ({ ...storeSeat(name, instance), limits });

/** A store whose questions stay open until the test answers them, the oldest first. */
class HeldStore {
  readonly open: ((verdict: Verdict) => void)[] = [];
  readonly store: FakeStore = fakeStore(() => new Promise((resolve) => this.open.push(resolve)));

  async answerOne(verdict: Verdict): Promise<void> {
    this.open.shift()?.(verdict);
    await settled();
  }
}

const failThrice = async (room: Room): Promise<void> => {
  for (const user of ['a', 'b', 'c']) await room.login(user);
};

describe('a store that keeps failing', () => {
  it('is no longer asked: logins are deferred at once, and the cause names the store', async () => {
    const store = fakeStore(broken);
    const room = roomOf([guarded('ldap', store)]);
    await failThrice(room);
    const { verdict, steps, tookMs } = await room.login('d');
    expect(verdict.kind).toBe('deferred');
    expect(steps.find(({ stage }) => stage === 'store')).toMatchObject({
      instance: 'ldap',
      outcome: 'deferred',
      detail: expect.stringContaining('ldap is not asked just now'),
    });
    expect(tookMs).toBe(0);
    expect(store.asked).toHaveLength(3);
  });

  it.each<[string, CredentialStore]>([
    ['defers', fakeStore(broken)],
    ['throws', fakeStore(() => Promise.reject(new Error('a bug')))],
    ['answers nonsense', fakeStore({ kind: 'perhaps' } as unknown as Verdict)],
    ['never answers', fakeStore(() => never())],
  ])('is one that %s', async (_, store) => {
    const room = roomOf([guarded('ldap', store)]);
    for (const user of ['a', 'b', 'c']) {
      const login = room.login(user);
      await room.clock.pass(5000);
      await login;
    }
    expect(room.guards.get('ldap')?.status.circuit).toBe('open');
  });

  it.each<Verdict>([
    { kind: 'rejected' },
    unknown,
    { kind: 'refused', why: 'disabled', proofHeld: true },
    { kind: 'limited' },
    { kind: 'unsupported' },
  ])('is not one that says $kind', async (verdict) => {
    const room = roomOf([guarded('ldap', fakeStore(verdict))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is not one with too much to do: that shows it works', async () => {
    const busy = Object.assign(new Error('full'), { overloaded: true });
    const room = roomOf([guarded('ldap', fakeStore({ kind: 'deferred', cause: new Error('no check', { cause: busy }) }))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is not one that says each time that the login is to blame, and so lets outsiders shut nobody out', async () => {
    const strange = Object.assign(new Error('no such letters'), { ofThisLogin: true });
    const room = roomOf([guarded('sql', fakeStore({ kind: 'deferred', cause: new Error('no row', { cause: strange }) }))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('sql')?.status.circuit).toBe('closed');
  });

  it('is not one that cannot tell of a single user, however often that one comes', async () => {
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async ({ user }) => (user.startsWith('odd') ? broken : accepted(user))),
      ),
    ]);
    for (let count = 0; count < 50; count++) await room.login('odd');
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
    expect(await room.kindOf('anna')).toBe('accepted');
  });

  it('is not one whose failures do not follow each other', async () => {
    let count = 0;
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async ({ user }) => (count++ % 3 === 2 ? accepted(user) : broken)),
      ),
    ]);
    for (let login = 0; login < 30; login++) await room.login(`user${login}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is asked again and again where the breaker is off', async () => {
    const store = fakeStore(broken);
    const room = roomOf([guarded('ldap', store, { breaker: undefined })]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(store.asked).toHaveLength(20);
  });

  it('is said once in the log, without secrets, and again when it answers', async () => {
    const answers: Verdict[] = [1, 2, 3].map(() => ({ kind: 'deferred', cause: new Error('bindpw: right was refused') }));
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async () => answers.shift() ?? accepted()),
      ),
    ]);
    await failThrice(room);
    for (const user of ['d', 'e', 'f']) await room.login(user);
    const said = room.log.loud.filter(({ message }) => message.includes('keeps failing'));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({
      level: 'error',
      fields: { instance: 'ldap', failures: 3, forMs: 2000, cause: 'Error: [secret]: [secret] was refused' },
    });
    expect(room.guards.get('ldap')?.status.note).toMatch(/^not asked since .*Error: \[secret\]: \[secret\] was refused/);
    await room.clock.pass(2000);
    expect(await room.kindOf('g')).toBe('accepted');
    expect(room.log.loud.at(-1)).toMatchObject({ message: 'a store answers again', fields: { instance: 'ldap', afterMs: 2000 } });
    expect(room.guards.get('ldap')?.status).toEqual({ name: 'ldap', circuit: 'closed', asking: 0, waiting: 0 });
  });
});

describe('the trial', () => {
  it('is one login only, and one that fails starts the pause again', async () => {
    const held = new HeldStore();
    const room = roomOf([guarded('ldap', held.store)]);
    const first = ['a', 'b', 'c'].map((user) => room.login(user));
    await settled();
    for (let count = 0; count < first.length; count++) await held.answerOne(broken);
    await room.clock.pass(2000);
    const trial = room.login('d');
    await settled();
    expect(room.guards.get('ldap')?.status.circuit).toBe('half-open');
    expect(await room.kindOf('e')).toBe('deferred');
    await held.answerOne(broken);
    expect((await trial).verdict.kind).toBe('deferred');
    await room.clock.pass(1999);
    expect(await room.kindOf('f')).toBe('deferred');
    expect(held.store.asked).toHaveLength(4);
    await room.clock.pass(1);
    const second = room.login('g');
    await settled();
    await held.answerOne(accepted());
    expect((await second).verdict.kind).toBe('accepted');
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('keeps nobody waiting whom another store can answer', async () => {
    const hole = fakeStore(() => never());
    const room = roomOf([guarded('hole', hole), guarded('sql', fakeStore(accepted()))]);
    for (const user of ['a', 'b', 'c']) {
      const login = room.login(user);
      await room.clock.pass(5000);
      await login;
    }
    await room.clock.pass(2000);
    const { verdict, tookMs } = await room.login('d');
    expect(hole.asked).toHaveLength(4);
    expect(verdict.kind).toBe('accepted');
    expect(tookMs).toBe(0);
    expect(room.guards.get('hole')?.status).toMatchObject({ circuit: 'half-open', asking: 1 });
    await room.clock.pass(5000);
    expect(room.guards.get('hole')?.status).toMatchObject({ circuit: 'open', asking: 0 });
  });

  it('that shows nothing, since the store was too busy, is followed by the next', async () => {
    const busy: Verdict = { kind: 'deferred', cause: Object.assign(new Error('full'), { overloaded: true }) };
    const script = [broken, broken, broken, busy, accepted()];
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async () => script.shift() ?? unknown),
      ),
    ]);
    await failThrice(room);
    await room.clock.pass(2000);
    expect(await room.kindOf('d')).toBe('deferred');
    expect(await room.kindOf('e')).toBe('accepted');
  });
});

describe('one place per store', () => {
  it('lets so many ask at once and so many wait, in order; the others are deferred at once', async () => {
    const held = new HeldStore();
    const room = roomOf([guarded('ldap', held.store, { concurrency: 2, queue: 2 })]);
    const logins = ['a', 'b', 'c', 'd'].map((user) => room.login(user));
    await settled();
    expect(room.guards.get('ldap')?.status).toMatchObject({ asking: 2, waiting: 2 });
    const shed = await room.login('e');
    expect(shed.verdict.kind).toBe('deferred');
    expect(shed.steps.find(({ stage }) => stage === 'store')?.detail).toContain('ldap has too many logins waiting');
    expect(held.store.asked.map(({ user }) => user[0])).toEqual(['a', 'b']);
    for (let count = 0; count < logins.length; count++) await held.answerOne(accepted());
    expect((await Promise.all(logins)).map(({ verdict }) => verdict.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(held.store.asked.map(({ user }) => user[0])).toEqual(['a', 'b', 'c', 'd']);
    expect(room.guards.get('ldap')?.status).toMatchObject({ asking: 0, waiting: 0, circuit: 'closed' });
  });

  it('sends the waiting away when the store turns out to be down', async () => {
    const held = new HeldStore();
    const room = roomOf([guarded('ldap', held.store, { concurrency: 3, queue: 8 })]);
    const logins = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((user) => room.login(user));
    await settled();
    for (let count = 0; count < 3; count++) await held.answerOne(broken);
    await settled();
    expect(room.guards.get('ldap')?.status).toMatchObject({ circuit: 'open', waiting: 0 });
    // Two took the places of the first two that failed.
    for (let count = 0; count < 2; count++) await held.answerOne(broken);
    expect((await Promise.all(logins)).every(({ verdict, tookMs }) => verdict.kind === 'deferred' && tookMs === 0)).toBe(true);
    expect(held.store.asked).toHaveLength(5);
  });

  it('turns away at once whose turn would come too late, going by how long the others took', async () => {
    const held = new HeldStore();
    const room = roomOf([guarded('ldap', held.store, { concurrency: 1, queue: 1000, breaker: undefined })]);
    for (let count = 0; count < 60; count++) {
      const login = room.login(`user${count}`);
      await room.clock.pass(1000);
      await held.answerOne(accepted());
      await login;
    }
    const logins = Array.from({ length: 10 }, (_, index) => room.login(`late${index}`));
    await settled();
    // 4.5 s for the store, about 1 s each: one is asked, two wait, none waits for more than half of its time.
    expect(room.guards.get('ldap')?.status).toMatchObject({ asking: 1, waiting: 2 });
    for (let count = 0; count < 3; count++) {
      await room.clock.pass(1000);
      await held.answerOne(accepted());
    }
    expect((await Promise.all(logins)).map(({ verdict }) => verdict.kind)).toEqual([
      ...['accepted', 'accepted', 'accepted'],
      ...Array.from({ length: 7 }, () => 'deferred'),
    ]);
  });

  it('gives the place back when the time is over, even if the store never answers', async () => {
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(() => never()),
        { concurrency: 1, queue: 0, timeoutMs: 300, breaker: undefined },
      ),
    ]);
    const login = room.login('a');
    await room.clock.pass(299);
    expect(room.guards.get('ldap')?.status.asking).toBe(1);
    await room.clock.pass(1);
    expect((await login).verdict.kind).toBe('deferred');
    expect(room.guards.get('ldap')?.status.asking).toBe(0);
  });

  it('gives a store its own time-out, within its share of the deadline', async () => {
    const room = roomOf([
      guarded(
        'slow',
        fakeStore(() => never()),
        { timeoutMs: 300 },
      ),
      guarded('sql', fakeStore(accepted())),
    ]);
    const login = room.login('a');
    await room.clock.pass(300);
    expect(await login).toMatchObject({ verdict: { kind: 'accepted' }, tookMs: 300 });
    const never1 = roomOf([
      guarded(
        'slow',
        fakeStore(() => never()),
        { timeoutMs: 60_000 },
      ),
    ]);
    const late = never1.login('a');
    await never1.clock.pass(4500);
    expect(await late).toMatchObject({ verdict: { kind: 'deferred' }, tookMs: 4500 });
  });
});

describe('a black hole', () => {
  it('in front of everybody holds up only the first; then the users of the other store are answered at once', async () => {
    const hole = fakeStore(() => never());
    const room = roomOf([guarded('hole', hole), guarded('sql', fakeStore(accepted()), { concurrency: 64 })]);
    const first = ['a', 'b', 'c', 'd', 'e', 'f'].map((user) => room.login(user));
    await room.clock.pass(5000);
    expect((await Promise.all(first)).map(({ verdict }) => verdict.kind)).toEqual(Array.from({ length: 6 }, () => 'accepted'));
    const slowest: number[] = [];
    for (let second = 0; second < 60; second++) {
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => room.login(`user${index}`)));
      slowest.push(Math.max(...outcomes.map(({ tookMs }) => tookMs)));
      expect(outcomes.every(({ verdict }) => verdict.kind === 'accepted')).toBe(true);
      await room.clock.pass(1000);
    }
    expect(Math.max(...slowest)).toBe(0);
  });

  it('never slows those who are not asked there', async () => {
    const hole = {
      ...guarded(
        'hole',
        fakeStore(() => never()),
        { breaker: undefined },
      ),
      ...storeSeat(
        'hole',
        fakeStore(() => never()),
        {},
        { user: 'lost@example.org' },
      ),
    };
    const room = roomOf([hole, guarded('sql', fakeStore(accepted()))]);
    const lost = Array.from({ length: 50 }, () => room.login('lost'));
    await settled();
    expect(await room.login('anna')).toMatchObject({ verdict: { kind: 'accepted' }, tookMs: 0 });
    await room.clock.pass(5000);
    await Promise.all(lost);
  });
});

describe('whatever a store does', () => {
  it('everybody is answered within the deadline and no place is lost', async () => {
    const act = fc.constantFrom('accept', 'unknown', 'fail', 'throw', 'hang', 'late') satisfies fc.Arbitrary<string>;
    const logins = fc.array(fc.record({ act, user: fc.integer({ min: 0, max: 4 }), pause: fc.integer({ min: 0, max: 900 }) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(logins, async (asked) => {
        const acts = asked.map(({ act: one }) => one);
        const store = fakeStore(async ({ user }) => {
          switch (acts.shift()) {
            case 'accept':
              return accepted(user);
            case 'fail':
              return broken;
            case 'throw':
              throw new Error('a bug');
            case 'hang':
              return never();
            case 'late':
              await new Promise<void>((resolve) => room.clock.after(8000, resolve));
              return accepted(user);
            default:
              return unknown;
          }
        });
        const room: Room = roomOf([guarded('ldap', store, { concurrency: 2, queue: 2 })]);
        const outcomes: Promise<Outcome>[] = [];
        for (const { user, pause } of asked) {
          outcomes.push(room.login(`user${user}`));
          await room.clock.pass(pause);
        }
        await room.clock.pass(20_000);
        for (const { tookMs, verdict } of await Promise.all(outcomes)) {
          expect(tookMs).toBeLessThanOrEqual(5000);
          expect(['accepted', 'unknown-user', 'deferred']).toContain(verdict.kind);
        }
        expect(room.guards.get('ldap')?.status).toMatchObject({ asking: 0, waiting: 0 });
        expect(room.clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('no proof of a login stands in what is said of the store', async () => {
    const store = fakeStore(async ({ proof }) => ({
      kind: 'deferred',
      cause: new Error(`LDAP: cannot bind with ${proof.mechanism === 'plain' ? proof.password : ''}`),
    }));
    const room = roomOf([guarded('ldap', store)]);
    for (const user of ['a', 'b', 'c', 'd']) await room.pipeline.answer(rawAttempt({ rawUser: user, proof: plain('canary-4711') }));
    expect(JSON.stringify([room.log.lines, room.guards.get('ldap')?.status])).not.toContain('canary-4711');
  });
});
