import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import { Pool, type Waiting } from '../src/pool.js';
import type { Connection } from '../src/connection.js';
import { Unreachable } from '../src/failure.js';

class FakeConnection implements Connection {
  broken = false;
  ended = false;
  query = () => Promise.resolve({ columns: [], rows: [] });
  change = () => Promise.resolve(0);
  batch = () => Promise.resolve();
  ping = () => Promise.resolve();
  destroy(): void {
    this.broken = true;
  }
  end(): Promise<void> {
    this.ended = true;
    this.broken = true;
    return Promise.resolve();
  }
}

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

const scene = (connect?: (signal: AbortSignal) => Promise<Connection>) => {
  const clock = new SteppableClock();
  const made: FakeConnection[] = [];
  const make = (): Promise<Connection> => {
    const connection = new FakeConnection();
    made.push(connection);
    return Promise.resolve(connection);
  };
  return { clock, made, pool: new Pool(connect ?? make, rules, clock) };
};

describe('a pool', () => {
  it('opens no more connections than it may, and serves those who wait in their order', async () => {
    const { pool, made } = scene();
    const [one, two] = [await pool.acquire(never), await pool.acquire(never)];
    const served: string[] = [];
    const third = pool.acquire(never).then((lease) => (served.push('third'), lease));
    const fourth = pool.acquire(never).then((lease) => (served.push('fourth'), lease));
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
    const [one, two] = [await pool.acquire(never), await pool.acquire(never)];
    const waiting = pool.acquire(never);
    one.discard();
    one.discard();
    one.release();
    expect((await waiting).fresh).toBe(true);
    expect(made).toHaveLength(3);
    expect(made[0]?.broken).toBe(true);
    two.release();
    let left = 3;
    const failing = scene(() => (left-- > 0 ? Promise.reject(new Unreachable('no')) : Promise.resolve(new FakeConnection()))).pool;
    const asked = await Promise.allSettled(Array.from({ length: 4 }, () => failing.acquire(never)));
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
    expect(failing.size).toBe(1);
  });

  it('forgets those who wait no more', async () => {
    const { pool } = scene();
    const leases = [await pool.acquire(never), await pool.acquire(never)];
    const abort = new AbortController();
    const waiting = pool.acquire(until(abort.signal));
    abort.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    for (const lease of leases) lease.release();
    expect((await pool.acquire(never)).fresh).toBe(false);
    await expect(pool.acquire(until(AbortSignal.abort(new Error('too late'))))).rejects.toThrow('too late');
  });

  it('closes what nobody used for a while, and uses nothing that is old, broken or of an earlier era', async () => {
    const { pool, made, clock } = scene();
    (await pool.acquire(never)).release();
    await clock.step(1000);
    expect(made[0]?.ended).toBe(true);
    expect(pool.size).toBe(0);
    (await pool.acquire(never)).release();
    made[1]!.broken = true;
    const lent = await pool.acquire(never);
    expect(lent.fresh).toBe(true);
    pool.renew();
    lent.release();
    expect(made[2]?.broken).toBe(true);
    const old = await pool.acquire(never);
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
    const opening = pool.acquire(never);
    await pool.close();
    arrive(late);
    await expect(opening).rejects.toThrow('stopped');
    expect(late.broken).toBe(true);
    const other = scene();
    const [idle, lent] = [await other.pool.acquire(never), await other.pool.acquire(never)];
    const waiting = other.pool.acquire(never);
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
    await expect(other.pool.acquire(never)).rejects.toThrow('stopped');
    expect(other.pool.size + pool.size + clock.pending + other.clock.pending).toBe(0);
  });
});
