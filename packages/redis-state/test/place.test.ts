import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startRedis, startRedisCluster, startSentinel, type RedisServer } from '@postern/testkit';
import fc from 'fast-check';
import { ignore, openPlace, serverOf, until, type OpenPlace } from './support/open-place.js';

describeWithServers({ describe, it }, 'state in Redis', () => {
  let room: ServerRoom;
  let server: RedisServer;
  let here: OpenPlace;
  let there: OpenPlace;

  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startRedis(room, { password: 'pw with @ and /' });
  });

  beforeEach(async () => {
    await server.command('FLUSHALL');
    here = await openPlace(serverOf(server), { password: 'pw with @ and /' });
    there = await openPlace(serverOf(server), { password: 'pw with @ and /' });
  });

  afterEach(async () => {
    await Promise.all([here.place.close(), there.place.close()]);
  });

  afterAll(() => room.close());

  it('keeps values for everybody until they are deleted', async () => {
    await here.place.set('a', 'ä\0\n', 60_000);
    expect(await there.place.get('a')).toBe('ä\0\n');
    await there.place.delete('a');
    expect(await here.place.get('a')).toBeUndefined();
  });

  it('counts together, whoever counts', async () => {
    const counted = await Promise.all([1, 2, 3, 4].map((by) => (by % 2 === 0 ? here : there).place.increment('n', by, 60_000)));
    expect(Math.max(...counted)).toBe(10);
    expect(await here.place.increment('n', -0.5, 60_000)).toBe(9.5);
  });

  it('rejects counting what is no number, and is not thought to be out of reach for that', async () => {
    await here.place.set('a', 'x', 60_000);
    await expect(here.place.increment('a', 1, 1000)).rejects.toThrow('not a valid float');
    expect(here.place.reach).toEqual({ kind: 'reached' });
  });

  it('holds sets of different things, the same thing once', async () => {
    const rules = { ttlMs: 60_000, most: 100 };
    expect([
      await here.place.note('s', 'x', rules),
      await there.place.note('s', 'x', rules),
      await there.place.note('s', 'y', rules),
    ]).toEqual([1, 1, 2]);
    await here.place.forget('s', 'x');
    await here.place.forget('none', 'x');
    expect(await here.place.count(['s', 'none', 's'])).toEqual([1, 0, 1]);
    expect(await here.place.count([])).toEqual([]);
  });

  it('drops the oldest member when a set is full, never the newest', async () => {
    for (const [index, member] of ['c', 'b', 'a'].entries()) await here.place.note('s', member, { ttlMs: 60_000 + index * 1000, most: 2 });
    expect((await server.command('ZRANGE', 'postern:s', '0', '-1')).split('\n').sort()).toEqual(['a', 'b']);
    expect(await here.place.count(['s'])).toEqual([2]);
  });

  it('lets members die one by one, and the set with the last', async () => {
    await here.place.note('s', 'short', { ttlMs: 30, most: 9 });
    await here.place.note('s', 'long', { ttlMs: 60_000, most: 9 });
    await here.place.note('s', 'long', { ttlMs: 1, most: 9 });
    await until(async () => (await here.place.count(['s']))[0] === 1);
    expect(Number(await server.command('PTTL', 'postern:s'))).toBeGreaterThan(30_000);
  });

  it('gives every key an end', async () => {
    await here.place.set('v', '1', 1000.5);
    await here.place.increment('n', 1, 1000);
    await here.place.note('s', 'x', { ttlMs: 1000, most: 9 });
    const keys = (await server.command('KEYS', '*')).split('\n');
    expect(keys.length).toBeGreaterThanOrEqual(3);
    for (const key of keys) expect(Number(await server.command('PTTL', key))).toBeGreaterThan(0);
  });

  it('a set takes the place of a value, and a value is no set', async () => {
    await here.place.set('a', 'v', 60_000);
    expect(await here.place.count(['a'])).toEqual([0]);
    expect(await here.place.note('a', 'x', { ttlMs: 1000, most: 9 })).toBe(1);
  });

  it('never mixes up keys or members, whatever stands in them', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 2, maxLength: 4 }), text, async (keys, member) => {
        await server.command('FLUSHALL');
        for (const [index, key] of keys.entries()) {
          for (let i = 0; i <= index; i++) await here.place.note(key, `${member}${i}`, { ttlMs: 60_000, most: 9 });
        }
        expect(await there.place.count(keys)).toEqual(keys.map((_, index) => index + 1));
      }),
      { numRuns: 25 },
    );
  });

  it('tells the others what is published, not the one who publishes', async () => {
    await here.place.publish('t', 'one "quoted"\n');
    await here.place.publish('other', 'two');
    await until(() => there.heard.length > 1);
    await here.place.publish('t', 'three');
    await there.place.publish('t', 'four');
    await until(() => there.heard.length > 2 && here.heard.length > 0);
    expect([there.heard, here.heard]).toEqual([['t one "quoted"\n', 'other two', 't three'], ['t four']]);
  });

  it('takes what strangers publish for nothing', async () => {
    for (const text of ['', '{', '[]', '[1,2,3]', '["a","t"]', '{"0":"a"}', 'null'])
      await server.command('PUBLISH', 'postern:messages', text);
    await there.place.publish('t', 'sound');
    await until(() => here.heard.length > 0);
    expect(here.heard).toEqual(['t sound']);
  });

  it('is lost with a wrong password, and says so without the password', async () => {
    const stranger = await openPlace(serverOf(server), { password: 'canary-wrong' });
    expect(stranger.place.reach.kind).toBe('lost');
    expect(JSON.stringify(stranger.place.reach)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(stranger.place.reach)).not.toContain('canary');
    await stranger.place.close();
  });
});

describeWithServers({ describe, it }, 'state in a Redis cluster and behind Sentinel', () => {
  let room: ServerRoom;

  beforeAll(async () => {
    room = await ServerRoom.open();
  });

  afterAll(() => room.close());

  it('works in a cluster: counters, sets and messages, over all its servers', async () => {
    const nodes = await startRedisCluster(room);
    const topology = { kind: 'cluster', nodes: nodes.map(({ host, port }) => ({ host, port })) } as const;
    const here = await openPlace(topology);
    const there = await openPlace(topology);
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    for (const key of keys) await here.place.note(key, 'x', { ttlMs: 60_000, most: 9 });
    expect(await there.place.count(keys)).toEqual(keys.map(() => 1));
    for (const node of nodes) expect(Number(await node.command('DBSIZE'))).toBeGreaterThan(0);
    await here.place.publish('t', 'm');
    await until(() => there.heard.length > 0);
    nodes[1]?.freeze();
    await until(
      () => here.place.reach.kind === 'lost',
      () => here.place.count(keys).then(ignore, ignore),
    );
    nodes[1]?.thaw();
    await until(() => here.place.reach.kind === 'reached');
    await until(async () => (await here.place.count(keys).catch(() => [])).length === keys.length);
    await Promise.all([here.place.close(), there.place.close()]);
  }, 120_000);

  it('follows Sentinel to the new master when the old one dies', async () => {
    const master = await startRedis(room, { name: 'master' });
    const replica = await startRedis(room, { name: 'replica', settings: { replicaof: `${master.host} ${master.port}` } });
    const sentinel = await startSentinel(room, master);
    await until(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'));
    await until(async () => (await sentinel.command('SENTINEL', 'REPLICAS', 'mymaster')).includes('runid'));
    const here = await openPlace({ kind: 'sentinel', sentinels: [{ host: sentinel.host, port: sentinel.port }], name: 'mymaster' });
    expect(await here.place.increment('n', 1, 60_000)).toBe(1);
    await until(async () => (await replica.command('GET', 'postern:n')) === '1');
    await master.kill();
    await until(() => here.place.reach.kind === 'lost');
    await until(() => here.place.reach.kind === 'reached');
    expect(await here.place.increment('n', 1, 60_000)).toBe(2);
    await here.place.close();
  }, 120_000);
});
