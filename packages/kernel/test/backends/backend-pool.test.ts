import { describe, expect, it } from '@jest/globals';
import type { BackendRef, Protocol } from '@postern/contract';
import { BackendPool, type BackendPoolParts } from '../../src/backends/backend-pool.js';
import { Placer } from '../../src/answer/placement.js';
import { accountOf, attemptFor, ManualClock, MemoryLog, settled } from '../answer/fakes.js';
import { backend, type Behaviour, FakeNetwork, greetsWell } from './fakes.js';

const bench = (parts: Partial<BackendPoolParts> = {}, behaviour: (address: string, port: number) => Behaviour = greetsWell) => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const network = new FakeNetwork(behaviour);
  const changes: string[] = [];
  const pool = new BackendPool({
    backends: [backend('a')],
    health: { every: 2000, timeout: 1000, rise: 2, fall: 2 },
    resolver: { lookup: async () => ['192.0.2.50'] },
    clock,
    log,
    connector: network,
    random: () => 0.5,
    onChange: (change) => changes.push(`${change.backend} ${change.protocol} ${change.health}`),
    ...parts,
  });
  return { clock, log, network, changes, pool };
};

const named = (name: string): BackendRef => ({ kind: 'named', name });
const healthOf = (pool: BackendPool, protocol: Protocol = 'imap', index = 0): string => pool.statuses()[index]!.ports[protocol].health;

describe('the pool without checks', () => {
  it('takes everybody as the config says', () => {
    const backends = [backend('a'), backend('b', { state: 'drain' }), backend('c', { state: 'down' })];
    const { pool } = bench({ backends, health: undefined });
    expect(backends.map(({ name }) => pool.standing(named(name), 'imap'))).toEqual(['up', 'drain', 'down']);
    expect(pool.standing(named('d'), 'imap')).toBe('undeclared');
    expect(pool.standing(named('__proto__'), 'imap')).toBe('undeclared');
    expect(pool.get('__proto__')).toBeUndefined();
    expect(pool.list().map((view) => [view.name, view.state, view.weight, view.healthy('imap')])).toEqual([
      ['a', 'up', 1, true],
      ['b', 'drain', 1, true],
      ['c', 'down', 1, false],
    ]);
  });

  it('rule 46: tells an address and the port of the protocol', async () => {
    const ports = { imap: 1143, pop3: 1110, smtp: 1025 };
    const { pool } = bench({ backends: [backend('a', { host: 'mail.test', ports })], health: undefined });
    expect(await pool.resolve(named('a'), 'pop3')).toMatchObject({
      kind: 'known',
      backend: 'a',
      host: 'mail.test',
      address: '192.0.2.50',
      port: 1110,
    });
    expect(await pool.resolve({ kind: 'direct', host: 'other.test' }, 'imap')).toEqual({
      kind: 'known',
      backend: 'other.test:143',
      host: 'other.test',
      address: '192.0.2.50',
      port: 143,
    });
    expect(await pool.resolve({ kind: 'direct', host: '2001:DB8::1', port: 99 }, 'smtp')).toEqual({
      kind: 'known',
      backend: '[2001:DB8::1]:99',
      host: '2001:DB8::1',
      address: '2001:db8::1',
      port: 99,
    });
  });

  it('rule 46: tells no address that is none', async () => {
    const { pool } = bench({ backends: [backend('a', { host: '0.0.0.0' })], health: undefined });
    expect(await pool.resolve(named('a'), 'imap')).toMatchObject({ kind: 'unknown' });
    for (const host of ['0', '::', '224.0.0.1', '127.1'])
      expect(await pool.resolve({ kind: 'direct', host }, 'imap')).toMatchObject({ kind: 'unknown' });
    expect(await pool.resolve(named('nobody'), 'imap')).toMatchObject({ kind: 'unknown' });
  });
});

describe('the checks', () => {
  it('ask every port of every backend that is not switched off', async () => {
    const { pool, network } = bench({
      backends: [backend('a'), backend('b', { state: 'down', host: '192.0.2.2' }), backend('c', { state: 'drain' })],
    });
    await pool.start();
    await settled();
    expect(network.connections.map(({ address, port }) => `${address}:${port}`)).toEqual([
      ...['192.0.2.1:143', '192.0.2.1:110', '192.0.2.1:25'],
      ...['192.0.2.1:143', '192.0.2.1:110', '192.0.2.1:25'],
    ]);
    await pool.stop();
  });

  it('rule 71: take a backend out when it goes down and back in when it is well again, per protocol', async () => {
    let imapWell = true;
    const { pool, clock, changes, network } = bench({}, (address, port) =>
      port === 143 && !imapWell ? 'refuse' : greetsWell(address, port),
    );
    await pool.start();
    await settled();
    expect([healthOf(pool), healthOf(pool, 'smtp')]).toEqual(['up', 'up']);
    imapWell = false;
    await clock.pass(2000);
    expect(healthOf(pool)).toBe('up');
    await clock.pass(2000);
    expect([healthOf(pool), healthOf(pool, 'smtp')]).toEqual(['down', 'up']);
    expect([pool.standing(named('a'), 'imap'), pool.standing(named('a'), 'smtp')]).toEqual(['down', 'up']);
    expect(pool.list()[0]!.healthy('imap')).toBe(false);
    expect(pool.statuses()[0]!.ports.imap).toMatchObject({ health: 'down', note: 'ECONNREFUSED', port: 143 });
    imapWell = true;
    await clock.pass(4000);
    expect(healthOf(pool)).toBe('up');
    expect(changes).toEqual(['a imap up', 'a pop3 up', 'a smtp up', 'a imap down', 'a imap up']);
    await pool.stop();
    const asked = network.connections.length;
    await clock.pass(60_000);
    expect(network.connections).toHaveLength(asked);
    expect(clock.pending).toBe(0);
  });

  it('rule 71: do not flap a backend that flaps', async () => {
    let turn = 0;
    const { pool, clock, changes } = bench({}, (address, port) => {
      if (port !== 143) return greetsWell(address, port);
      turn++;
      return turn % 2 === 0 ? 'refuse' : greetsWell(address, port);
    });
    await pool.start();
    await clock.pass(60_000);
    expect(changes.filter((change) => change.includes('imap'))).toEqual(['a imap up']);
    await pool.stop();
  });

  it('hold a black hole for no longer than its timeout, whatever else is asked', async () => {
    const { pool, clock } = bench({ backends: [backend('a'), backend('b', { host: '192.0.2.2' })] }, (address, port) =>
      address === '192.0.2.1' ? 'hang' : greetsWell(address, port),
    );
    await pool.start();
    await settled();
    expect(healthOf(pool, 'imap', 1)).toBe('up');
    await clock.pass(1000 + 2000 + 1000);
    expect(healthOf(pool)).toBe('suspect');
    expect(pool.statuses()[0]!.ports.imap.note).toBe('timed out while connecting');
    await pool.stop();
  });

  it('call what they never saw up a suspect: it is placed at all the same, which is told once, and asked less and less often', async () => {
    const { pool, clock, log, network } = bench({}, (address, port) => (port === 143 ? greetsWell(address, port) : 'refuse'));
    await pool.start();
    await clock.pass(2000);
    expect(healthOf(pool, 'smtp')).toBe('suspect');
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    for (let index = 0; index < 5; index++) expect(await pool.resolve(named('a'), 'smtp')).toMatchObject({ kind: 'known' });
    expect(log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { backend: 'a', protocol: 'smtp', why: 'ECONNREFUSED' } },
    ]);
    const before = network.connections.length;
    await clock.pass(320_000);
    const smtp = network.connections.slice(before).filter(({ port }) => port === 25).length;
    expect(smtp).toBeGreaterThan(8);
    expect(smtp).toBeLessThan(20);
    await pool.stop();
  });

  it('find the address that answers when a name has several, and tell that one', async () => {
    const { pool, clock } = bench(
      { backends: [backend('a', { host: 'mail.test' })], resolver: { lookup: async () => ['192.0.2.8', '2001:db8::8'] } },
      (address, port) => (address === '192.0.2.8' ? 'refuse' : greetsWell(address, port)),
    );
    expect(await pool.resolve(named('a'), 'imap')).toMatchObject({ address: '192.0.2.8' });
    await pool.start();
    await clock.pass(100);
    expect(await pool.resolve(named('a'), 'imap')).toMatchObject({ address: '2001:db8::8' });
    await pool.stop();
  });

  it('rule 57: keep the last good address while DNS is out', async () => {
    let broken = false;
    const { pool, clock } = bench({
      backends: [backend('a', { host: 'mail.test' })],
      resolver: {
        lookup: async () => {
          if (broken) throw new Error('SERVFAIL');
          return ['192.0.2.8'];
        },
      },
    });
    await pool.start();
    await settled();
    broken = true;
    await clock.pass(3_600_000);
    expect(await pool.resolve(named('a'), 'imap')).toMatchObject({ kind: 'known', address: '192.0.2.8' });
    expect(healthOf(pool)).toBe('up');
    await pool.stop();
  });

  it('remember who was down across a reload, unless it moved', async () => {
    let well = true;
    const first = bench({}, (address, port) => (well ? greetsWell(address, port) : 'refuse'));
    await first.pool.start();
    await settled();
    well = false;
    await first.clock.pass(4000);
    const memory = first.pool.memory();
    await first.pool.stop();
    expect(healthOf(bench({ memory }).pool)).toBe('down');
    expect(healthOf(bench({ memory, backends: [backend('a', { host: '192.0.2.99' })] }).pool)).toBe('unchecked');
    expect(healthOf(bench({ memory, health: undefined }).pool)).toBe('unchecked');
  });

  it('do not fall into step: pauses differ by up to a tenth', async () => {
    const pauseWith = async (random: number): Promise<number> => {
      const { pool, clock, network } = bench({ random: () => random });
      await pool.start();
      await settled();
      const start = clock.now();
      while (network.connections.length < 4) await clock.pass(10);
      await pool.stop();
      return clock.now() - start;
    };
    expect(await pauseWith(0)).toBe(1800);
    expect(await pauseWith(0.999)).toBeGreaterThan(2190);
  });

  it('count nothing that comes after stop, and start only once', async () => {
    const { pool, clock, changes, network } = bench({}, () => 'hang');
    await pool.start();
    await pool.start();
    await settled();
    expect(network.connections).toHaveLength(3);
    await pool.stop();
    await pool.stop();
    await clock.pass(60_000);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('pool and placer together', () => {
  it('rule 71: move nobody whose only backend is down, and take the next of a list', async () => {
    let well = true;
    const { pool, clock, log } = bench({ backends: [backend('a'), backend('b', { host: '192.0.2.2' })] }, (address, port) =>
      address === '192.0.2.1' && !well ? 'refuse' : greetsWell(address, port),
    );
    const placer = new Placer({ backends: pool, log });
    const placed = async (...names: string[]): Promise<string | undefined> => {
      const placing = await placer.place(names.map(named), accountOf(), attemptFor());
      return placing.kind === 'placed' ? placing.placement.backend : undefined;
    };
    await pool.start();
    await settled();
    expect([await placed('a'), await placed('a', 'b')]).toEqual(['a', 'a']);
    well = false;
    await clock.pass(4000);
    expect([await placed('a'), await placed('a', 'b')]).toEqual([undefined, 'b']);
    await pool.stop();
  });
});
