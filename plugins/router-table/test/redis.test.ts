import { describe, expect, it } from '@jest/globals';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { tablePlugin } from '@postern/router-table';
import fc from 'fast-check';

/** The host's client, as far as a table uses it. */
class FakeRedis {
  status = 'ready';
  readonly texts = new Map<string, string>();
  readonly asked: string[] = [];

  get(key: string): Promise<string | null> {
    this.asked.push(key);
    if (this.status !== 'ready') return Promise.reject(new Error("Stream isn't writeable"));
    return Promise.resolve(this.texts.get(key) ?? null);
  }

  hget(key: string, field: string): Promise<string | null> {
    return this.get(`${key} ${field}`);
  }
}

const make = (redis: unknown, options: object, more: object = {}) =>
  tablePlugin.create(parseConfig(tablePlugin, { redis: options, ...more }), {
    ...fakeServices({ backends: ['mail-a', 'mail-b'] }),
    ...(redis === undefined ? {} : { redis }),
  });

const signal = new AbortController().signal;
const located = (router: ReturnType<typeof make>, user: string) => router.locate({ user, attributes: {} }, attempt({ user }), signal);

describe('a table in Redis', () => {
  it('asks for each key in turn until there is a value', async () => {
    const redis = new FakeRedis();
    redis.texts.set('home:example.org', 'mail-b');
    const router = make(redis, { key: 'home:{key}' });
    expect(await located(router, 'anna@example.org')).toEqual({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-b' }] });
    expect(redis.asked).toEqual(['home:anna@example.org', 'home:example.org']);
    expect(await located(router, 'ben@example.net')).toEqual({ kind: 'homeless' });
  });

  it('asks once for a key made of the account, and for a field of a hash', async () => {
    const redis = new FakeRedis();
    redis.texts.set('d:example.org anna', '10.0.0.1:1143');
    const router = make(redis, { key: 'd:{domain}', field: '{local}' });
    expect(await located(router, 'anna@example.org')).toEqual({
      kind: 'placed',
      backends: [{ kind: 'direct', host: '10.0.0.1', port: 1143 }],
    });
    redis.texts.set('d:example.org anna', '');
    expect(await located(router, 'anna@example.org')).toEqual({ kind: 'homeless' });
  });

  it('reads past the line end that `redis-cli -x` keeps, and takes blanks alone for no value', async () => {
    const redis = new FakeRedis();
    redis.texts.set('home:anna@example.org', 'mail-a\n').set('home:ben@example.org', ' \n').set('home:example.org', 'mail-b');
    const router = make(redis, { key: 'home:{key}' });
    expect(await located(router, 'anna@example.org')).toEqual({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] });
    expect(await located(router, 'ben@example.org')).toEqual({ kind: 'placed', backends: [{ kind: 'named', name: 'mail-b' }] });
  });

  it('defers when Redis cannot be asked, and says so', async () => {
    const redis = new FakeRedis();
    redis.status = 'reconnecting';
    const router = make(redis, { key: 'home:{user}' });
    expect(await located(router, 'anna@example.org')).toMatchObject({ kind: 'deferred' });
    expect(await router.health?.(signal)).toMatchObject({ status: 'down' });
  });

  it('never takes what stands in a user for a variable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('{', '}', 'key', 'user', 'domain', 'x', '$&', '$1') }), async (text) => {
        const redis = new FakeRedis();
        await located(make(redis, { key: 'a:{user}:b' }), `${text}@example.org`);
        expect(redis.asked).toEqual([`a:${text}@example.org:b`]);
      }),
    );
  });

  it('asks nobody for a key that is too long to be one', async () => {
    const redis = new FakeRedis();
    expect(await located(make(redis, { key: '{user}' }), 'x'.repeat(2000))).toEqual({ kind: 'homeless' });
    expect(redis.asked).toEqual([]);
  });

  it('cannot be made without Redis, and the config is refused before that', () => {
    expect(() => make(undefined, { key: '{user}' })).toThrow('no redis section');
    expect(tablePlugin.inspect?.(parseConfig(tablePlugin, { redis: { key: '{user}' } }))).toMatchObject({ asksRedis: ['redis'] });
  });

  it('refuses a key that asks for nobody', () => {
    expect(tablePlugin.inspect?.(parseConfig(tablePlugin, { redis: { key: 'home' } })).advice).toMatchObject([{ severity: 'error' }]);
  });
});
