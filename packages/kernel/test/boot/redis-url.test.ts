import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { bind } from '@postern/contract';
import { parseRedisUrl, RedisUrl } from '@postern/kernel';
import fc from 'fast-check';

describe("a Redis server's URL", () => {
  it.each([
    ['redis://127.0.0.1', { server: { host: '127.0.0.1', port: 6379 }, username: undefined, password: undefined, database: 0, tls: false }],
    [
      'rediss://r.example.org:6380/2',
      { server: { host: 'r.example.org', port: 6380 }, username: undefined, password: undefined, database: 2, tls: true },
    ],
    ['redis://:p%40w%2F@[::1]:1/', { server: { host: '::1', port: 1 }, username: undefined, password: 'p@w/', database: 0, tls: false }],
    ['redis://u:p@h', { server: { host: 'h', port: 6379 }, username: 'u', password: 'p', database: 0, tls: false }],
    ['unix:/run/redis.sock', { server: { path: '/run/redis.sock' }, username: undefined, password: undefined, database: 0, tls: false }],
  ])('%s is understood', (text, address) => {
    expect(parseRedisUrl(text)).toEqual(address);
  });

  it.each(['', 'redis:', 'http://a', 'redis://', 'redis://a:0', 'redis://a/x', 'redis://a?x=1', 'redis://:%zz@a', 'unix:relative'])(
    '%s is refused, without being repeated',
    (text) => {
      expect(() => parseRedisUrl(text)).toThrow(/^the Redis URL [^@]*$/);
    },
  );

  it('never gives its password away but by reveal', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{12,20}$/), (password) => {
        const url = new RedisUrl(`redis://u:${password}@h`);
        url[bind]({ directory: '/', env: {} });
        expect([String(url), JSON.stringify(url), inspect(url)].join()).not.toContain(password);
        expect([url.reveal(), url.literal]).toEqual([password, true]);
      }),
    );
  });
});
