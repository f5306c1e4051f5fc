import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, LoginAttempt, Verdict } from '@postern/contract';
import { accepted, fakeStore, type ManualClock, never, settled } from '../fakes.js';
import { guarded, roomOf, type Room } from './room.js';

interface Work {
  /** Logins at once. */
  readonly atOnce: number;
  /** Milliseconds for one. */
  readonly eachMs: number;
  /** Whether a login that nobody waits for any more is left out. */
  readonly drops: boolean;
  /** Milliseconds after which it fails of itself. */
  readonly timeoutMs?: number;
}

/** A store as a pool of connections makes it: so many at once, the others in order of arrival. */
const pool = (clock: () => ManualClock, how: Work): CredentialStore => {
  const line: { readonly signal: AbortSignal; readonly done: () => void }[] = [];
  let busy = 0;
  const go = (): void => {
    while (busy < how.atOnce) {
      const next = line.shift();
      if (next === undefined) return;
      if (how.drops && next.signal.aborted) continue;
      busy += 1;
      clock().after(how.eachMs, () => {
        busy -= 1;
        next.done();
        go();
      });
    }
  };
  const verify = ({ user }: LoginAttempt, signal: AbortSignal): Promise<Verdict> =>
    new Promise((resolve) => {
      const over = new AbortController();
      if (how.timeoutMs !== undefined) {
        clock().after(how.timeoutMs, () => {
          over.abort();
          resolve({ kind: 'deferred', cause: new Error('no answer in time') });
        });
      }
      line.push({ signal: AbortSignal.any([signal, over.signal]), done: () => resolve(accepted(user)) });
      go();
    });
  return { abilities: { mechanisms: ['plain'], knowsUsers: true }, verify };
};

const limits = { concurrency: 64, queue: 256, breaker: { after: 5, forMs: 2000 } };

/** Logins that were let in, second by second, of `perSecond` at even intervals. */
const storm = async (room: Room, perSecond: number, seconds: number): Promise<readonly number[]> => {
  const began = room.clock.monotonic();
  const letIn = Array.from({ length: seconds }, () => 0);
  const logins: Promise<unknown>[] = [];
  const login = async (user: string): Promise<void> => {
    const { verdict, tookMs } = await room.login(user);
    expect(tookMs).toBeLessThanOrEqual(5000);
    const second = Math.floor((room.clock.monotonic() - began) / 1000);
    if (verdict.kind === 'accepted' && second < seconds) letIn[second] = (letIn[second] ?? 0) + 1;
  };
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    logins.push(login(`user${sent}`));
    await room.clock.pass(1000 / perSecond);
  }
  await room.clock.pass(10_000);
  await Promise.all(logins);
  return letIn;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('more logins than a store gets done', () => {
  const seconds = 25;

  it.each<[string, number, Work]>([
    ['twice as many, of a slow store', 2, { atOnce: 8, eachMs: 1000, drops: true }],
    ['eight times as many, of a slow store', 8, { atOnce: 8, eachMs: 1000, drops: true }],
    ['twice as many, of a store that works through all it is given', 2, { atOnce: 8, eachMs: 1000, drops: false }],
    ['four times as many, of a store with a small pool', 4, { atOnce: 4, eachMs: 300, drops: true }],
    ['four times as many, of a store with a time-out of its own', 4, { atOnce: 8, eachMs: 500, drops: true, timeoutMs: 2000 }],
    ['four times as many, of a store with a short time-out of its own', 4, { atOnce: 8, eachMs: 200, drops: true, timeoutMs: 1000 }],
    ['four times as many, of a quick store', 4, { atOnce: 4, eachMs: 50, drops: true }],
  ])('%s: nearly as many are let in as it can do, and it is never taken for dead', async (_, times, work) => {
    const room: Room = roomOf([
      guarded(
        'pool',
        pool(() => room.clock, work),
        limits,
      ),
    ]);
    const canDo = (work.atOnce * 1000) / work.eachMs;
    const letIn = await storm(room, canDo * times, seconds);
    expect(sum(letIn)).toBeGreaterThan(0.85 * seconds * canDo);
    // What the first seconds taught it stays learned.
    for (const perSecond of letIn.slice(12)) expect(perSecond).toBeGreaterThanOrEqual(0.75 * canDo);
    expect(room.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(room.guards.get('pool')?.status).toMatchObject({ circuit: 'closed', asking: 0, waiting: 0 });
    expect(room.clock.pending).toBe(0);
  });

  it('are none for a store that takes long and yet as many as come', async () => {
    const wide = { atOnce: Infinity, eachMs: 3000, drops: true };
    const room: Room = roomOf([
      guarded(
        'far',
        pool(() => room.clock, wide),
        limits,
      ),
    ]);
    const letIn = await storm(room, 20, 20);
    expect(letIn.slice(4)).toEqual(letIn.slice(4).map(() => 20));
  });

  it('are none where one user of ten hangs', async () => {
    const quick = pool(() => room.clock, { atOnce: 8, eachMs: 50, drops: true });
    const store = fakeStore((attempt, signal) => (attempt.user.includes('7@') ? never() : quick.verify(attempt, signal)));
    const room: Room = roomOf([guarded('mixed', store, limits)]);
    const letIn = await storm(room, 40, 20);
    expect(letIn.slice(1)).toEqual(letIn.slice(1).map(() => 36));
  });

  it('leave no mark once the store is quick again', async () => {
    const work = { atOnce: 8, eachMs: 1000, drops: true };
    const room: Room = roomOf([
      guarded(
        'pool',
        pool(() => room.clock, work),
        limits,
      ),
    ]);
    await storm(room, 32, 20);
    Object.assign(work, { atOnce: 64, eachMs: 100 });
    // Fifty at once are needed for so many.
    const letIn = await storm(room, 500, 6);
    expect(letIn.slice(3)).toEqual([500, 500, 500]);
  });
});

describe('a store that falls silent', () => {
  it('is taken for dead even if it answered others a moment before', async () => {
    const store = fakeStore(async ({ user }) => (user.startsWith('early') ? accepted(user) : never()));
    const room = roomOf([guarded('hole', store, limits)]);
    const late = [1, 2, 3, 4, 5].map((one) => room.login(`late${one}`));
    await room.clock.pass(1);
    expect(await room.kindOf('early')).toBe('accepted');
    await room.clock.pass(5000);
    await Promise.all(late);
    // These five were put before it answered last, so they may have been one too many.
    expect(room.guards.get('hole')?.status.circuit).toBe('closed');
    const later = [1, 2, 3, 4, 5].map((one) => room.login(`later${one}`));
    await room.clock.pass(5000);
    await Promise.all(later);
    expect(room.guards.get('hole')?.status.circuit).toBe('open');
  });
});

describe('the log of a store with too much to do', () => {
  it.each<[string, CredentialStore]>([
    ['that waits', fakeStore(() => never())],
    ['that says so', fakeStore({ kind: 'deferred', cause: Object.assign(new Error('full'), { overloaded: true }) })],
    ['that throws it', fakeStore(() => Promise.reject(Object.assign(new Error('full'), { overloaded: true })))],
  ])('%s has a line now and then, however many are turned away', async (_, store) => {
    const room = roomOf([guarded('pool', store, { concurrency: 1, queue: 0, breaker: undefined })]);
    const logins = Array.from({ length: 50 }, (_each, user) => room.login(`user${user}`));
    await settled();
    const lines = (): readonly unknown[] =>
      room.log.lines.filter(({ message }) => message.includes('more to do')).map(({ level, fields }) => [level, fields]);
    expect(lines()).toEqual([['warn', expect.objectContaining({ instance: 'pool', turnedAway: 1 })]]);
    await room.clock.pass(11_000);
    await Promise.all(logins);
    await Promise.all([room.login('late1'), room.login('late2'), room.clock.pass(5000)]);
    expect(lines()).toHaveLength(2);
    expect(room.log.lines.filter(({ level, message }) => level !== 'debug' && message.startsWith('a store')).length).toBeLessThan(6);
  });
});
