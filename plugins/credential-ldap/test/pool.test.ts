import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { DirectoryTrouble, type Connection, type ServerAddress } from '../src/directory-types.js';
import { Pool, type PoolLimits } from '../src/pool.js';
import { Servers } from '../src/servers.js';
import { FakeConnection } from './fake-connection.js';

const address = (host: string): ServerAddress => ({ url: `ldap://${host}`, host, port: 389, security: 'none' });
const lost = (): DirectoryTrouble => new DirectoryTrouble('lost', 'ldap://x closed the connection');
const never = new AbortController().signal;

describe('a pool of connections', () => {
  const limits: PoolLimits = { connections: 2, together: 3, idleMs: 1000, ageMs: 5000, waiting: 3 };
  const [first, second] = [address('first'), address('second')];
  let clock: SteppableClock;
  let servers: Servers;
  let opened: FakeConnection[];
  let refusing: Set<string>;
  let pool: Pool;

  beforeEach(() => {
    clock = new SteppableClock();
    servers = new Servers([first, second], clock, new CapturedLog(), () => 0.5);
    opened = [];
    refusing = new Set();
    pool = new Pool({
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

  it('lends a connection to one at a time, and opens no more than allowed', async () => {
    const held = [holding(), holding(), holding()];
    await setImmediate();
    await setImmediate();
    expect(opened.length).toBe(2);
    for (const each of held) each.end();
    const used = await Promise.all(held.map((each) => each.done));
    expect(new Set(used).size).toBe(2);
  });

  it('uses what is there again', async () => {
    await hostUsed();
    await hostUsed();
    expect(opened.length).toBe(1);
  });

  it('keeps no place for connections that had ended when they were handed over, and goes on to the next server', async () => {
    const born = new Set<FakeConnection>();
    const stillborn = new Pool({
      servers,
      clock,
      limits,
      open: async (to) => {
        await setImmediate();
        opened.push(new FakeConnection(to));
        if (to === first || opened.length < 9) opened.at(-1)!.close();
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

  it('fails at once when too many wait', async () => {
    const held = Array.from({ length: 5 }, () => holding());
    await setImmediate();
    await setImmediate();
    await expect(pool.use(never, async () => 1)).rejects.toThrow('3 logins wait');
    for (const each of held) each.end();
    await Promise.all(held.map((each) => each.done));
    expect(await hostUsed()).toBe('first');
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

  it('closes what nobody uses, and what is too old', async () => {
    await hostUsed();
    await clock.step(999);
    await hostUsed();
    expect(opened[0]?.alive).toBe(true);
    await clock.step(1000);
    expect(opened[0]?.alive).toBe(false);
    for (let turn = 0; turn < 6; turn += 1) {
      await hostUsed();
      await clock.step(900);
    }
    await hostUsed();
    expect(opened[1]?.alive).toBe(false);
    expect(opened.length).toBe(3);
  });

  it('uses no connection again that died', async () => {
    await hostUsed();
    opened[0]?.close();
    await hostUsed();
    expect(opened.length).toBe(2);
  });

  it('replaces a connection once that turns out to have been closed since', async () => {
    await hostUsed();
    let tries = 0;
    const answer = await pool.use(never, async (connection) => {
      tries += 1;
      if (tries > 1) return 'answered';
      connection.close();
      throw lost();
    });
    expect([answer, tries, opened.length]).toEqual(['answered', 2, 2]);
    tries = 0;
    const always = pool.use(never, async (connection) => {
      tries += 1;
      connection.close();
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
        connection.close();
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
        connection.close();
        throw new DirectoryTrouble('late', 'late');
      }),
    ).rejects.toThrow('late');
    expect(opened.map((each) => each.alive)).toEqual([false, false]);
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
    expect(opened.every((each) => !each.alive)).toBe(true);
    await expect(hostUsed()).rejects.toThrow('stopped');
    for (const each of held.slice(0, 2)) each.end();
    await Promise.all(held.slice(0, 2).map((each) => each.done));
    expect(clock.pending).toBe(0);
    pool.start();
    expect(await hostUsed()).toBe('first');
  });

  it('closes a connection that was still being made when it stopped', async () => {
    const asked = hostUsed();
    pool.stop();
    await expect(asked).rejects.toThrow('stopped');
    await setImmediate();
    await setImmediate();
    expect(opened.map((each) => each.alive)).toEqual([false]);
    expect(servers.health()).toEqual({ status: 'up' });
  });
});

describe('the servers', () => {
  const only = address('only');

  it('are left alone for longer each time they cannot be reached, a second at most', async () => {
    const clock = new SteppableClock();
    const servers = new Servers([only], clock, new CapturedLog(), () => 0.5);
    for (const pause of [250, 500, 1000, 1000, 1000]) {
      servers.unreachable(only, new Error('refused'));
      await clock.step(pause - 1);
      expect(servers.candidates()).toEqual([]);
      await clock.step(1);
      expect(servers.candidates()).toEqual([only]);
    }
    servers.succeeded(only);
    servers.unreachable(only, new Error('refused'));
    await clock.step(250);
    expect(servers.candidates()).toEqual([only]);
  });

  it('count failures that come together once', async () => {
    const clock = new SteppableClock();
    const servers = new Servers([only], clock, new CapturedLog(), () => 0.5);
    for (let turn = 0; turn < 10; turn += 1) servers.unreachable(only, new Error('refused'));
    await clock.step(250);
    expect(servers.candidates()).toEqual([only]);
  });

  it('are not given up for one operation that failed', () => {
    const clock = new SteppableClock();
    const log = new CapturedLog();
    const servers = new Servers([only], clock, log, () => 0.5);
    servers.failed(only, lost());
    servers.failed(only, lost());
    expect(servers.candidates()).toEqual([only]);
    expect(servers.health()).toMatchObject({ status: 'down' });
    servers.succeeded(only);
    servers.failed(only, lost());
    servers.failed(only, lost());
    servers.failed(only, lost());
    expect(servers.candidates()).toEqual([]);
    expect(log.lines.map((each) => each.level)).toEqual(['warn', 'info', 'warn']);
  });

  it('spread their next tries', async () => {
    for (const [random, pause] of [
      [0, 188],
      [0.99, 312],
    ] as const) {
      const clock = new SteppableClock();
      const servers = new Servers([only], clock, new CapturedLog(), () => random);
      servers.unreachable(only, new Error('refused'));
      await clock.step(pause - 2);
      expect(servers.candidates()).toEqual([]);
      await clock.step(4);
      expect(servers.candidates()).toEqual([only]);
    }
  });
});
