import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@postern/testkit';
import { cachePlugin } from '../src/index.js';
import { Generations } from '../src/generations.js';
import { accepted, open, rejected } from './support/open.js';

const kept = (cache: Awaited<ReturnType<typeof open>>): number => cache.services.metrics.value('cache_entries', { answer: 'yes' });

describe('memory', () => {
  it('never holds more than `maxEntries`; who was not there for longest goes', async () => {
    const cache = await open({ maxEntries: 40 });
    for (let index = 0; index < 30; index += 1) await cache.login({ user: `user-${index}@example.org` });
    expect(await cache.kind({ user: 'user-0@example.org' })).toBe('accepted');
    for (let index = 30; index < 59; index += 1) await cache.login({ user: `user-${index}@example.org` });
    expect(kept(cache)).toBe(30);
    expect(await cache.kind({ user: 'user-0@example.org' })).toBe('accepted');
    expect(await cache.kind({ user: 'user-1@example.org' })).toBe('accepted!');
  });

  it('keeps sixteen answers of one user, however many addresses and devices there are', async () => {
    const cache = await open();
    for (let index = 0; index < 100; index += 1) await cache.login({ client: { ip: `192.0.2.${index}` } });
    expect(kept(cache)).toBe(16);
    expect(await cache.kind({ client: { ip: '192.0.2.99' } })).toBe('accepted');
    expect(await cache.kind({ client: { ip: '192.0.2.84' } })).toBe('accepted');
    expect(await cache.kind({ client: { ip: '192.0.2.83' } })).toBe('accepted!');
  });

  it('counts long accounts as several, and does not keep one that is longer than all', async () => {
    const cache = await open({ maxEntries: 40 });
    const saying = (letters: number) => accepted('ann@example.org', { attributes: { note: 'x'.repeat(letters) } });
    cache.says = saying(2560);
    await cache.login();
    expect(kept(cache)).toBe(11);
    cache.says = saying(256 * 40);
    await cache.login({ user: 'bob@example.org' });
    expect(await cache.kind({ user: 'bob@example.org' })).toBe('accepted!');
    expect(kept(cache)).toBe(11);
    expect(await cache.kind()).toBe('accepted');
  });

  it('gives back what is too old as new answers come', async () => {
    const cache = await open({ ttl: '1m' });
    for (let index = 0; index < 100; index += 1) await cache.login({ user: `user-${index}@example.org` });
    await cache.services.clock.step(60_000);
    for (let index = 0; index < 50; index += 1) await cache.login({ user: `new-${index}@example.org` });
    expect(kept(cache)).toBe(50);
  });

  it('of what is remembered as wrong is bounded apart', async () => {
    const cache = await open({ maxEntries: 16 });
    cache.says = rejected;
    for (let index = 0; index < 50; index += 1) await cache.login({ password: String(index) });
    expect(cache.services.metrics.value('cache_entries', { answer: 'no' })).toBe(4);
  });

  it('of changes is of one size, and no number ever gets smaller', () => {
    const generations = new Generations();
    const before = new Map<string, number>();
    for (let index = 0; index < 100_000; index += 1) generations.note({ user: `user-${index}@example.org` });
    for (const user of ['ann@example.org', 'ann@example.net', 'ann', '', '__proto__']) before.set(user, generations.of(user));
    generations.note({ domain: 'example.org' });
    generations.note({ user: '__proto__' });
    for (const [user, generation] of before) expect(generations.of(user)).toBeGreaterThanOrEqual(generation);
    expect(generations.of('ann@EXAMPLE.org')).toBe((before.get('ann@example.org') ?? 0) + 1);
  });
});

describe('the config', () => {
  it('has the defaults of the table', () => {
    expect(parseConfig(cachePlugin, {})).toEqual({ ttl: 300_000, negativeTtl: 60_000, staleFor: 0, maxEntries: 100_000, perAddress: true });
  });

  it.each([{ ttl: '0s' }, { ttl: '31d' }, { negativeTtl: '2d' }, { maxEntries: 0 }, { maxEntries: 1.5 }, { secret: '' }, { size: 1 }])(
    'refuses %j',
    (input) => {
      expect(() => parseConfig(cachePlugin, input)).toThrow();
    },
  );

  it('refuses a secret that can be guessed', () => {
    const advice = (secret: string) => cachePlugin.inspect?.(cachePlugin.config.parse({ secret })).advice;
    expect(advice('fifteen letters')).toEqual([expect.objectContaining({ path: ['secret'], severity: 'error' })]);
    expect(advice('sixteen letters!')).toEqual([]);
    expect(cachePlugin.inspect?.(cachePlugin.config.parse({ secret: { env: 'NOT_BOUND' } })).advice).toEqual([]);
  });
});
