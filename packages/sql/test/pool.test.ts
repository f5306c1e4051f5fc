import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import type { Waiting } from '../src/line.js';
import { Pool } from '../src/pool.js';
import type { Connection } from '../src/connection.js';
import { Unreachable } from '../src/failure.js';
import { FakeConnection } from './support/fake-connection.js';

const rules = { max: 2, idleMs: 1000, lifetimeMs: 10_000 };
const until = (signal: AbortSignal): Waiting => ({
  signal,
  get reason() {
    return signal.aborted ? (signal.reason as Error) : undefined;
  },
  whenOver: (run) => {
    const over = (): void => run(signal.reason as Error);
    signal.addEventListener('abort', over);
    return () => signal.removeEventListener('abort', over);
  },
});

const never = until(new AbortController().signal);

const scene = (connect?: (signal: AbortSignal) => Promise<Connection>, together = 1) => {
  const clock = new SteppableClock();
  const made: FakeConnection[] = [];
  const make = (): Promise<Connection> => {
    const connection = new FakeConnection();
    made.push(connection);
    return Promise.resolve(connection);
  };
  return { clock, made, pool: new Pool(connect ?? make, { ...rules, together }, clock) };
};

describe('a pool', () => {
  it('opens no more connections than it may, and serves those who wait in their order', async () => {
    const { pool, made } = scene();
    const [one, two] = [await pool.acquire(never, 'alone'), await pool.acquire(never, 'alone')];
    const served: string[] = [];
    const third = pool.acquire(never, 'alone').then((lease) => (served.push('third'), lease));
    const fourth = pool.acquire(never, 'alone').then((lease) => (served.push('fourth'), lease));
    expect(pool.size).toBe(2);
    one.release();
    two.release();
    await Promise.all([third, fourth]);
    expect(served).toEqual(['third', 'fourth']);
    expect(made).toHaveLength(2);
    expect((await third).fresh).toBe(false);
  });

  it('gives a place to the next when a connection is discarded or cannot be opened', async () => {
    const { pool, made } = scene();
    const [one, two] = [await pool.acquire(never, 'alone'), await pool.acquire(never, 'alone')];
    const waiting = pool.acquire(never, 'alone');
    one.discard();
    one.discard();
    one.release();
    expect((await waiting).fresh).toBe(true);
    expect(made).toHaveLength(3);
    expect(made[0]?.broken).toBe(true);
    two.release();
    let left = 3;
    const failing = scene(() => (left-- > 0 ? Promise.reject(new Unreachable('no')) : Promise.resolve(new FakeConnection()))).pool;
    const asked = await Promise.allSettled(Array.from({ length: 4 }, () => failing.acquire(never, 'alone')));
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
    expect(failing.size).toBe(1);
  });

  it('forgets those who wait no more', async () => {
    const { pool } = scene();
    const leases = [await pool.acquire(never, 'alone'), await pool.acquire(never, 'alone')];
    const abort = new AbortController();
    const waiting = pool.acquire(until(abort.signal), 'alone');
    abort.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    for (const lease of leases) lease.release();
    expect((await pool.acquire(never, 'alone')).fresh).toBe(false);
    await expect(pool.acquire(until(AbortSignal.abort(new Error('too late'))), 'alone')).rejects.toThrow('too late');
  });

  it('closes what nobody used for a while, and uses nothing that is old, broken or of an earlier era', async () => {
    const { pool, made, clock } = scene();
    (await pool.acquire(never, 'alone')).release();
    await clock.step(1000);
    expect(made[0]?.ended).toBe(true);
    expect(pool.size).toBe(0);
    (await pool.acquire(never, 'alone')).release();
    made[1]!.broken = true;
    const lent = await pool.acquire(never, 'alone');
    expect(lent.fresh).toBe(true);
    pool.renew();
    lent.release();
    expect(made[2]?.broken).toBe(true);
    const old = await pool.acquire(never, 'alone');
    await clock.step(10_001);
    old.release();
    expect(made[3]?.broken).toBe(true);
    expect(pool.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('leaves nothing open when it closes, whatever is under way', async () => {
    let arrive: (connection: Connection) => void = () => undefined;
    const late = new FakeConnection();
    const { pool, clock } = scene(() => new Promise((resolve) => (arrive = resolve)));
    const opening = pool.acquire(never, 'alone');
    await pool.close();
    arrive(late);
    await expect(opening).rejects.toThrow('stopped');
    expect(late.broken).toBe(true);
    const other = scene();
    const [idle, lent] = [await other.pool.acquire(never, 'alone'), await other.pool.acquire(never, 'alone')];
    const waiting = other.pool.acquire(never, 'alone');
    waiting.catch(() => undefined);
    await other.pool.close();
    expect(other.made.map(({ broken, ended }) => [broken, ended])).toEqual([
      [true, false],
      [true, false],
    ]);
    await expect(waiting).rejects.toThrow('stopped');
    idle.release();
    lent.release();
    expect(other.made.every(({ broken }) => broken)).toBe(true);
    await expect(other.pool.acquire(never, 'alone')).rejects.toThrow('stopped');
    expect(other.pool.size + pool.size + clock.pending + other.clock.pending).toBe(0);
  });

  it('lends one connection to several who ask in the same turn, up to its limit, and sends what they ask at once', async () => {
    const { pool, made } = scene(undefined, 3);
    (await pool.acquire(never, 'shared')).release();
    const leases = [1, 2, 3, 4].map(() => pool.takeIdle('shared'));
    expect(leases.map((lease) => lease?.connection)).toEqual([made[0], made[0], made[0], undefined]);
    expect(made[0]?.gathering).toBeGreaterThan(0);
    await new Promise(setImmediate);
    expect(made[0]?.gathering).toBe(0);
    expect(pool.takeIdle('shared')).toBeUndefined();
    leases[0]?.release();
    leases[1]?.release();
    expect(pool.takeIdle('shared')).toBeUndefined();
    leases[2]?.release();
    expect(pool.takeIdle('alone')?.connection).toBe(made[0]);
  });

  it('lends nothing along with what somebody needs alone', async () => {
    const { pool, made } = scene(undefined, 3);
    (await pool.acquire(never, 'shared')).release();
    const alone = pool.takeIdle('alone');
    expect(pool.takeIdle('shared')).toBeUndefined();
    const [other] = [await pool.acquire(never, 'shared')];
    expect([alone?.connection, other.connection]).toEqual([made[0], made[1]]);
    expect(pool.takeIdle('alone')).toBeUndefined();
  });

  it('serves those who wait and may share together, and not past one who may not', async () => {
    const { pool, made } = scene(undefined, 3);
    const [one, two] = [await pool.acquire(never, 'alone'), await pool.acquire(never, 'alone')];
    const served: string[] = [];
    const wait = (name: string, way: 'alone' | 'shared') => pool.acquire(never, way).then((lease) => (served.push(name), lease));
    const [first, second, third, fourth] = [wait('a', 'shared'), wait('b', 'shared'), wait('c', 'alone'), wait('d', 'shared')];
    one.release();
    expect((await Promise.all([first, second])).map(({ connection }) => connection)).toEqual([made[0], made[0]]);
    expect(served).toEqual(['a', 'b']);
    two.release();
    (await third).release();
    expect((await fourth).connection).toBe(made[1]);
  });

  it('closes a shared connection that one discarded as soon as the last has its answer, and lends it to nobody before', async () => {
    const { pool, made } = scene(undefined, 3);
    (await pool.acquire(never, 'shared')).release();
    const [one, two] = [pool.takeIdle('shared'), pool.takeIdle('shared')];
    one?.discard();
    expect(made[0]?.broken).toBe(false);
    expect(pool.takeIdle('shared')).toBeUndefined();
    two?.release();
    expect(made[0]?.broken).toBe(true);
    expect(pool.size).toBe(0);
  });

  it('begins a new era once for all who shared a connection that died', async () => {
    const { pool, made } = scene(undefined, 3);
    (await pool.acquire(never, 'shared')).release();
    const [one, two] = [pool.takeIdle('shared'), pool.takeIdle('shared')];
    made[0]!.broken = true;
    for (const lease of [one, two]) {
      lease?.discard();
      pool.renew(lease?.era);
      (await pool.acquire(never, 'alone')).release();
    }
    expect(made).toHaveLength(2);
    expect(made[1]?.broken).toBe(false);
  });
});
