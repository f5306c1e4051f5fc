import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RedisSettings } from '@postern/redis-state';
import { describeWithServers, FaultyProxy, ServerRoom, startRedis, type RedisServer } from '@postern/testkit';
import fc from 'fast-check';
import { ignore, openPlace, serverOf, until, type OpenPlace } from './support/open-place.js';

const rules = { ttlMs: 60_000, most: 100 };

describeWithServers({ describe, it }, 'when Redis falls', () => {
  let room: ServerRoom;
  let server: RedisServer;
  const opened: OpenPlace[] = [];

  const open = async (
    at: { readonly host: string; readonly port: number } = server,
    settings: Partial<RedisSettings> = {},
  ): Promise<OpenPlace> => {
    const one = await openPlace(serverOf(at), settings);
    opened.push(one);
    return one;
  };

  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startRedis(room);
  });

  afterEach(async () => {
    for (const { place } of opened.splice(0)) await place.close();
  });

  afterAll(() => room.close());

  it('is lost when Redis is killed, rejects at once, and is reached again when it comes back, having missed messages', async () => {
    const { place, told } = await open();
    expect(place.reach).toEqual({ kind: 'reached' });
    await server.kill();
    await until(() => place.reach.kind === 'lost');
    await expect(place.note('s', 'x', rules)).rejects.toThrow('out of reach');
    await server.start();
    await until(() => place.reach.kind === 'reached');
    expect(await place.note('s', 'x', rules)).toBe(1);
    expect(told.filter((one) => one === 'missed')).toEqual(['missed']);
    expect(told.at(-1)).toBe('reached');
  });

  it('is lost when Redis says nothing any more, after one time-out for all who wait together', async () => {
    const { place, told } = await open();
    server.freeze();
    const asked = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => place.note(`s${index}`, 'x', rules)));
    expect(asked.every(({ status }) => status === 'rejected')).toBe(true);
    expect(place.reach.kind).toBe('lost');
    await expect(place.get('a')).rejects.toThrow('out of reach');
    server.thaw();
    await until(() => place.reach.kind === 'reached');
    expect(await place.note('back', 'x', rules)).toBe(1);
    expect(told.at(-1)).toBe('reached');
  });

  it('finds out for itself that Redis says nothing, though nobody asks', async () => {
    const { place } = await open();
    server.freeze();
    await until(() => place.reach.kind === 'lost');
    server.thaw();
    await until(() => place.reach.kind === 'reached');
  });

  it('starts lost without Redis, and finds it when it comes', async () => {
    await server.kill();
    const { place, told } = await open();
    expect(place.reach).toMatchObject({ kind: 'lost', why: expect.stringContaining('ECONNREFUSED') as unknown });
    await server.start();
    await until(() => place.reach.kind === 'reached');
    // The subscriber may need one attempt more than the commands do: the place is deaf until then.
    expect(told.filter((one) => one !== 'deaf')).toEqual(['reached']);
  });

  it.each([
    ['takes no more writes', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], 'OOM'],
    ['has become a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE'], 'READONLY'],
  ])('is lost when Redis %s', async (_, spoil, mend, why) => {
    const { place } = await open();
    await server.command(...spoil);
    await until(() => place.reach.kind === 'lost');
    expect(JSON.stringify(place.reach)).toContain(why);
    await server.command(...mend);
    await until(() => place.reach.kind === 'reached');
  });

  it('finds connections that fell silent without being closed, and connects anew', async () => {
    const proxy = await FaultyProxy.start(room, server);
    const { place, told } = await open(proxy.endpoint);
    await proxy.become({ kind: 'half-open' });
    await until(() => place.reach.kind === 'lost');
    await until(() => place.reach.kind === 'reached');
    expect(told).toContain('missed');
  });

  it('survives a server that drops, resets, slows down or talks garbage, and comes back from each', async () => {
    const proxy = await FaultyProxy.start(room, server);
    const { place } = await open(proxy.endpoint);
    const faults = [
      { kind: 'drop-mid-reply', bytes: 3 },
      { kind: 'reset' },
      { kind: 'slow', ms: 2000 },
      { kind: 'garbage' },
      { kind: 'black-hole' },
      { kind: 'refuse' },
    ] as const;
    for (const fault of faults) {
      await proxy.become(fault);
      await until(
        () => place.reach.kind === 'lost',
        () => place.get('a').then(ignore, ignore),
      );
      await proxy.become({ kind: 'pass' });
      proxy.dropAll();
      await until(() => place.reach.kind === 'reached');
    }
    expect(proxy.open).toBeLessThan(10);
  }, 120_000);

  it('is deaf when messages may not be heard, and says so', async () => {
    await server.command('ACL', 'SETUSER', 'mute', 'on', '>pw', '~*', '+@all', 'resetchannels', '&none');
    const { place } = await open(server, { username: 'mute', password: 'pw' });
    await until(() => place.reach.kind === 'deaf');
    expect(await place.note('deaf', 'x', rules)).toBe(1);
    expect(JSON.stringify(place.reach)).toContain('messages are not heard');
  });

  it('rule 67: never repeats a password that a server which knows no AUTH sends back', async () => {
    // What Redis says of a command that was renamed, or that a proxy before it does not know.
    const strange = createServer((socket) => {
      socket.on(
        'data',
        () => void socket.write("-ERR unknown command 'AUTH', with args beginning with: 'joe' 's3cret pass' \r\n".repeat(4)),
      );
      socket.on('error', () => undefined);
    });
    strange.listen(0, '127.0.0.1');
    await once(strange, 'listening');
    const { port } = strange.address() as AddressInfo;
    const { place } = await open({ host: '127.0.0.1', port }, { username: 'joe', password: 's3cret pass', patienceMs: 200 });
    await until(() => JSON.stringify(place.reach).includes('unknown command'));
    const said = await place.get('x').catch(String);
    expect(JSON.stringify([place.reach, said])).not.toMatch(/s3cret/);
    strange.close();
  });

  it('never takes bytes that are no reply for an answer', async () => {
    const replies = fc.uint8Array({ minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(replies, async (bytes) => {
        const liar = createServer((socket) => {
          socket.on('data', () => void socket.write(bytes));
          socket.on('error', () => undefined);
        });
        liar.listen(0, '127.0.0.1');
        await once(liar, 'listening');
        const { port } = liar.address() as AddressInfo;
        const one = await openPlace(serverOf({ host: '127.0.0.1', port }), { timeoutMs: 30, patienceMs: 60 });
        await expect(one.place.note('s', 'x', rules)).rejects.toThrow();
        await one.place.close();
        liar.close();
      }),
      { numRuns: 20 },
    );
  });
});
