import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { StoreGuard } from '../../../src/answer/guard/store-guard.js';
import { accepted, attemptFor, fakeStore, ManualClock, MemoryLog, never, settled } from '../fakes.js';
import { broken, guarded, HeldStore, roomOf } from './room.js';

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

  it('gives the place back when a question cannot even be put, as with a signal that is none', async () => {
    const clock = new ManualClock();
    const limits = { concurrency: 1, queue: 0, breaker: { after: 1, forMs: 1000 } };
    const guard = new StoreGuard({ name: 'ldap', limits, clock, log: new MemoryLog(), scrub: String });
    const question = { attempt: attemptFor(), ms: 1000, othersFollow: false, calledOff: () => false };
    const unaskable = (): Promise<Verdict> => {
      throw new TypeError('signals[0] must be an AbortSignal');
    };
    await expect(guard.ask({ ...question, put: unaskable })).rejects.toThrow('AbortSignal');
    expect(guard.status).toMatchObject({ asking: 0, circuit: 'open' });
    await clock.pass(1000);
    await expect(guard.ask({ ...question, put: unaskable })).rejects.toThrow('AbortSignal');
    await clock.pass(1000);
    expect((await guard.ask({ ...question, put: async () => accepted() })).kind).toBe('accepted');
    expect(guard.status).toMatchObject({ asking: 0, circuit: 'closed' });
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
