import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolLimits } from '@postern/pool';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { Connections } from '../src/connections.js';
import { DirectoryTrouble, type Connection, type ServerAddress } from '../src/directory-types.js';
import { Servers } from '../src/servers.js';
import { FakeConnection } from './fake-connection.js';

const address = (host: string): ServerAddress => ({ url: `ldap://${host}`, host, port: 389, security: 'none' });
const lost = (): DirectoryTrouble => new DirectoryTrouble('lost', 'ldap://x closed the connection');
const never = new AbortController().signal;

describe('connections to the servers', () => {
  const limits: PoolLimits = { max: 2, together: 3, idleMs: 1000, ageMs: 5000, waiting: 3 };
  const [first, second] = [address('first'), address('second')];
  let clock: SteppableClock;
  let servers: Servers;
  let opened: FakeConnection[];
  let refusing: Set<string>;
  let pool: Connections;

  beforeEach(() => {
    clock = new SteppableClock();
    servers = new Servers([first, second], clock, new CapturedLog(), () => 0.5);
    opened = [];
    refusing = new Set();
    pool = new Connections({
      servers,
      clock,
      limits,
      open: async (to) => {
        await setImmediate();
        if (refusing.has(to.host)) throw new DirectoryTrouble('lost', `${to.url} cannot be reached`);
        opened.push(new FakeConnection(to));
        return opened.at(-1)!;
      },
    });
  });

  const hostUsed = (): Promise<string> => pool.use(never, async (connection) => opened.find((each) => each === connection)!.address.host);

  /** Work that ends when it is told to. */
  const holding = (signal = never): { readonly done: Promise<Connection>; end: () => void } => {
    let end: () => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    const done = pool.use(signal, async (connection) => {
      await ended;
      return connection;
    });
    return { done, end: () => end() };
  };

  it('keeps no place for connections that had ended when they were handed over, and goes on to the next server', async () => {
    const born = new Set<FakeConnection>();
    const stillborn = new Connections({
      servers,
      clock,
      limits,
      open: async (to) => {
        await setImmediate();
        opened.push(new FakeConnection(to));
        if (to === first || opened.length < 9) opened.at(-1)!.destroy();
        else born.add(opened.at(-1)!);
        return opened.at(-1)!;
      },
    });
    while (born.size === 0) {
      await stillborn.use(never, async () => 'used').catch((error: unknown) => expect(error).toBeInstanceOf(DirectoryTrouble));
      await clock.step(10_000);
    }
    expect(await stillborn.use(never, async (connection) => connection)).toBe([...born].at(-1));
    stillborn.stop();
  });

  it('forgets who gave up waiting', async () => {
    const held = [holding(), holding()];
    const abort = new AbortController();
    const waiting = holding(abort.signal);
    await setImmediate();
    abort.abort(new Error('given up'));
    await expect(waiting.done).rejects.toThrow('given up');
    for (const each of held) each.end();
    await Promise.all(held.map((each) => each.done));
    expect(await hostUsed()).toBe('first');
    await expect(pool.use(abort.signal, async () => 1)).rejects.toThrow('given up');
  });

  it('replaces a connection once that turns out to have been closed since', async () => {
    await hostUsed();
    let tries = 0;
    const answer = await pool.use(never, async (connection) => {
      tries += 1;
      if (tries > 1) return 'answered';
      connection.destroy();
      throw lost();
    });
    expect([answer, tries, opened.length]).toEqual(['answered', 2, 2]);
    tries = 0;
    const always = pool.use(never, async (connection) => {
      tries += 1;
      connection.destroy();
      throw lost();
    });
    await expect(always).rejects.toThrow('closed');
    expect(tries).toBe(2);
  });

  it('does not repeat what failed on a fresh connection, nor what came too late', async () => {
    let tries = 0;
    const fails = (kind: DirectoryTrouble['kind']): Promise<unknown> =>
      pool.use(never, async (connection) => {
        tries += 1;
        connection.destroy();
        throw new DirectoryTrouble(kind, kind);
      });
    await expect(fails('lost')).rejects.toThrow('lost');
    expect(tries).toBe(1);
    await hostUsed();
    await expect(fails('late')).rejects.toThrow('late');
    expect(tries).toBe(2);
  });

  it('closes all that lie about once one of them is in trouble', async () => {
    const held = [holding(), holding()];
    await setImmediate();
    await setImmediate();
    for (const each of held) each.end();
    await Promise.all(held.map((each) => each.done));
    await expect(
      pool.use(never, async (connection) => {
        connection.destroy();
        throw new DirectoryTrouble('late', 'late');
      }),
    ).rejects.toThrow('late');
    expect(opened.map((each) => each.broken)).toEqual([true, true]);
  });

  it('keeps those that are at work when another is in trouble', async () => {
    const held = [holding(), holding()];
    await setImmediate();
    await setImmediate();
    held[0]!.end();
    await held[0]!.done;
    await expect(
      pool.use(never, async (connection) => {
        connection.destroy();
        throw new DirectoryTrouble('broken', 'broken');
      }),
    ).rejects.toThrow('broken');
    held[1]!.end();
    const kept = await held[1]!.done;
    expect(kept.broken).toBe(false);
    expect(await pool.use(never, async (connection) => connection)).toBe(kept);
  });

  it('uses a connection no more that is in trouble, though it lives', async () => {
    await expect(
      pool.use(never, async () => {
        throw new DirectoryTrouble('late', 'late');
      }),
    ).rejects.toThrow('late');
    expect(opened[0]?.broken).toBe(true);
    await hostUsed();
    expect(opened.length).toBe(2);
  });

  it('goes to the next server when the first cannot be reached, and back when it can', async () => {
    refusing.add('first');
    expect(await hostUsed()).toBe('second');
    expect(servers.health()).toEqual({ status: 'degraded', note: 'ldap://first cannot be reached' });
    refusing.clear();
    expect(await hostUsed()).toBe('second');
    await clock.step(5001);
    expect(await hostUsed()).toBe('first');
    expect(servers.health()).toEqual({ status: 'up' });
  });

  it('asks nobody for a while when nobody could be reached, and then again', async () => {
    refusing.add('first').add('second');
    await expect(hostUsed()).rejects.toThrow('ldap://second cannot be reached');
    await expect(hostUsed()).rejects.toThrow('no server to ask just now: ldap://first cannot be reached; ldap://second cannot be reached');
    refusing.clear();
    await expect(hostUsed()).rejects.toThrow('no server to ask');
    await clock.step(250);
    expect(await hostUsed()).toBe('first');
  });

  it('ends what waits and what is open when it stops, and works again when it starts', async () => {
    const held = [holding(), holding(), holding()];
    await setImmediate();
    await setImmediate();
    pool.stop();
    await expect(held[2]?.done).rejects.toThrow('stopped');
    expect(opened.every((each) => each.broken)).toBe(true);
    await expect(hostUsed()).rejects.toThrow('stopped');
    for (const each of held.slice(0, 2)) each.end();
    await Promise.all(held.slice(0, 2).map((each) => each.done));
    expect(clock.pending).toBe(0);
    pool.start();
    expect(await hostUsed()).toBe('first');
    const cut = pool.use(never, (connection) => {
      pool.stop();
      return connection.broken ? Promise.reject(lost()) : Promise.resolve();
    });
    await expect(cut).rejects.toThrow('stopped');
    expect(servers.health()).toEqual({ status: 'up' });
  });

  it('closes a connection that was still being made when it stopped', async () => {
    const asked = hostUsed();
    pool.stop();
    await expect(asked).rejects.toThrow('stopped');
    await setImmediate();
    await setImmediate();
    expect(opened.map((each) => each.broken)).toEqual([true]);
    expect(servers.health()).toEqual({ status: 'up' });
  });
});
