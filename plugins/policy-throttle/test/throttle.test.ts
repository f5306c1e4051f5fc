import { describe, expect, it } from '@jest/globals';
import type { Proof, Verdict } from '@postern/contract';
import { fakeServices, parseConfig } from '@postern/testkit';
import { throttlePlugin } from '../src/index.js';
import { from, guess, room, times } from './support/room.js';

const minute = 60_000;

describe('wrong passwords', () => {
  it('rule 63: are limited after so many different ones, before a store is asked', async () => {
    const { login, ask, asked } = await room({ user: { tries: 3 } });
    expect(await guess({ login }, 5)).toEqual(['rejected', 'rejected', 'rejected', 'limited', 'limited']);
    expect(asked).toHaveLength(3);
    // The right one is limited as well: else one could go on guessing.
    expect(await ask()).toEqual({ kind: 'limited', retryAfterMs: 15 * minute });
  });

  it('are ten in a quarter of an hour if nothing is said', async () => {
    expect(await guess(await room(), 12)).toEqual([...times(10, 'rejected'), ...times(2, 'limited')]);
  });

  it('rule 63: count once however often they are repeated', async () => {
    const { login } = await room({ user: { tries: 3 } });
    for (let time = 0; time < 50; time += 1) expect(await login({ password: 'old' })).toBe('rejected');
    for (let time = 0; time < 50; time += 1) expect(await login({ password: 'older' })).toBe('rejected');
    expect(await login()).toBe('accepted');
  });

  it('rule 64: are forgotten one by one as their time is over', async () => {
    const { login, services } = await room({ user: { tries: 3, per: '10m' } });
    await login({ password: 'a' });
    await services.clock.step(6 * minute);
    await login({ password: 'b' });
    await services.clock.step(5 * minute);
    expect([await login({ password: 'c' }), await login({ password: 'd' }), await login({ password: 'e' })]).toEqual([
      'rejected',
      'rejected',
      'limited',
    ]);
  });

  it('of a user who does not exist are limited in the same way', async () => {
    const throttle = await room({ user: { tries: 3 } });
    const kinds = await guess(throttle, 4, () => ({ user: 'nobody@example.org' }));
    expect(kinds).toEqual([...times(3, 'unknown-user'), 'limited']);
  });

  it('are counted as bytes: two that are no UTF-8 are two', async () => {
    const { login } = await room({ user: { tries: 2 } });
    expect([await login({ password: Uint8Array.of(0xff) }), await login({ password: Uint8Array.of(0xfe) }), await login()]).toEqual([
      'rejected',
      'rejected',
      'limited',
    ]);
  });
});

describe('each of these answers', () => {
  it.each<[Verdict, boolean]>([
    [{ kind: 'rejected' }, true],
    [{ kind: 'unknown-user' }, true],
    [{ kind: 'refused', why: 'locked', proofHeld: false }, true],
    [{ kind: 'refused', why: 'expired', proofHeld: true }, false],
    [{ kind: 'refused', why: 'locked', proofHeld: false, afterOutage: true }, false],
    [{ kind: 'deferred', cause: 'down' }, false],
    [{ kind: 'limited' }, false],
    [{ kind: 'unsupported' }, false],
  ])('%j counts: %p', async (verdict, counts) => {
    const throttle = await room({ user: { tries: 3 } }, { next: () => Promise.resolve(verdict) });
    await guess(throttle, 20);
    expect(throttle.asked).toHaveLength(counts ? 3 : 20);
  });

  it('an error counts nothing, and is handed on', async () => {
    const throttle = await room({ user: { tries: 1 } }, { next: () => Promise.reject(new Error('a bug')) });
    for (let time = 0; time < 5; time += 1) await expect(throttle.ask({ password: `x${time}` })).rejects.toThrow('a bug');
    expect(throttle.asked).toHaveLength(5);
  });
});

describe('mechanisms', () => {
  const cramMd5 = (index: number): Proof => ({ mechanism: 'cram-md5', salt: `<${index}@mail>`, digest: 'd'.repeat(32) });
  const token = (text: string): Proof => ({ mechanism: 'xoauth2', token: text });

  it('with challenges count every answer, since equal passwords cannot be told there', async () => {
    const throttle = await room({ user: { tries: 3 } });
    expect(await guess(throttle, 4, (index) => ({ proof: cramMd5(index) }))).toEqual([...times(3, 'rejected'), 'limited']);
  });

  it('count together', async () => {
    const { login } = await room({ user: { tries: 3 } });
    await login({ password: 'wrong' });
    await login({ proof: cramMd5(1) });
    await login({ proof: token('stale') });
    expect([await login({ proof: token('other') }), await login()]).toEqual(['limited', 'limited']);
  });

  it('with a certificate count each certificate once', async () => {
    const certificate = { subject: 'CN=x', issuer: 'CN=y', serial: '01', fingerprint: '0'.repeat(40) };
    const { login } = await room({ user: { tries: 2 } });
    for (let time = 0; time < 5; time += 1) expect(await login({ proof: { mechanism: 'external', certificate } })).toBe('rejected');
  });

  it('mail without a login is neither counted nor limited', async () => {
    const proof = { mechanism: 'none', from: 'x@example.net', to: 'ann@example.org', helo: 'mx' } as const;
    const throttle = await room({ user: { tries: 1 }, network: { tries: 1 } }, { next: () => Promise.resolve({ kind: 'unknown-user' }) });
    await throttle.login({ password: 'wrong' });
    expect(await throttle.login({ password: 'other' })).toBe('limited');
    expect(await guess(throttle, 5, () => ({ proof, protocol: 'smtp' }))).toEqual(times(5, 'unknown-user'));
  });
});

describe('a network', () => {
  const anyone = (index: number): string => `user-${index}@example.org`;

  it('rule 63: is limited after so many different pairs of user and password, unknown users included', async () => {
    const throttle = await room({ network: { tries: 4 } });
    // One password for many users is as many tries.
    const kinds = await guess(throttle, 6, (index) => from('192.0.2.7', 'Summer2026', anyone(index)));
    expect(kinds).toEqual([...times(4, 'unknown-user'), 'limited', 'limited']);
    expect(await throttle.login()).toBe('limited');
    expect(await throttle.login(from('192.0.2.8', 'right'))).toBe('accepted');
  });

  it.each([
    ['IPv6 /64', {}, '2001:db8:1:2:ffff::1', '2001:db8:1:2::7', '2001:db8:1:3::1'],
    ['IPv6 as configured', { v6: 48 }, '2001:db8:1::1', '2001:db8:1:ffff::1', '2001:db8:2::1'],
    ['IPv4 /32', {}, '192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['IPv4 as configured', { v4: 24 }, '192.0.2.1', '192.0.2.200', '192.0.3.1'],
    ['IPv4 in IPv6', {}, '::ffff:192.0.2.1', '192.0.2.1', '::ffff:192.0.2.2'],
  ])('is %s', async (_, widths, one, same, other) => {
    const throttle = await room({ network: { tries: 2, ...widths } });
    await guess(throttle, 2, (index) => from(one, 'x', anyone(index)));
    expect([await throttle.login(from(same, 'right')), await throttle.login(from(other, 'right'))]).toEqual(['limited', 'accepted']);
  });

  it('is not what clients on a unix socket are', async () => {
    const throttle = await room({ network: { tries: 2 } });
    expect(await guess(throttle, 9, (index) => from('unix:', 'x', anyone(index)))).toEqual(times(9, 'unknown-user'));
    expect((await guess(throttle, 11, () => ({ client: { ip: 'unix:' } }))).at(-1)).toBe('limited');
  });

  it('that is trusted is neither counted nor limited', async () => {
    const throttle = await room({ user: { tries: 1 }, trusted: ['192.0.2.0/24'] });
    expect(await guess(throttle, 20)).toEqual(times(20, 'rejected'));
    expect(await throttle.login(from('198.51.100.1', 'right'))).toBe('accepted');
  });
});

describe('a success', () => {
  it('rule 64: clears what this network tried for this user', async () => {
    const throttle = await room({ user: { tries: 100 }, pair: { tries: 3 } });
    for (let round = 0; round < 5; round += 1) {
      expect(await guess(throttle, 2, (index) => ({ password: `wrong-${round}-${index}` }))).toEqual(times(2, 'rejected'));
      expect(await throttle.login()).toBe('accepted');
    }
  });

  it('clears nothing for the network: whoever has an account there could guess for ever', async () => {
    const throttle = await room({ network: { tries: 4 } });
    const kinds: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      kinds.push(await throttle.login({ user: `user-${index}@example.org` }));
      await throttle.login({ user: 'bea@example.org' });
    }
    expect(kinds).toEqual([...times(4, 'unknown-user'), ...times(2, 'limited')]);
  });

  it('clears nothing for the user elsewhere', async () => {
    const throttle = await room({ user: { tries: 4 } });
    const kinds: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      kinds.push(await throttle.login(from(`198.51.100.${index}`, `wrong-${index}`)));
      await throttle.login();
    }
    expect(kinds).toEqual([...times(4, 'rejected'), ...times(2, 'limited')]);
  });
});

describe('log-only mode', () => {
  it('limits nobody, and says whom it would', async () => {
    const throttle = await room({ user: { tries: 3 }, mode: 'log' });
    expect(await guess(throttle, 6)).toEqual(times(6, 'rejected'));
    expect(await throttle.login()).toBe('accepted');
    const { metrics, log } = throttle.services;
    expect(metrics.value('throttle_would_limit_total', { by: 'user-in-network' })).toBe(4);
    expect(metrics.value('throttle_limited_total', { by: 'user-in-network' })).toBe(0);
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(
      times(2, 'too many different wrong passwords: would be kept out'),
    );
    expect((await throttle.bans.list(10)).map(({ enforced }) => enforced)).toEqual([false, false]);
  });
});

describe('the config', () => {
  it.each([
    [{ user: { tries: 0 } }, 'user.tries'],
    [{ user: { per: '0s' } }, 'user.per'],
    [{ network: { v4: 33 } }, 'network.v4'],
    [{ network: { v6: 8 } }, 'network.v6'],
    [{ trusted: ['everywhere'] }, 'trusted'],
    [{ mode: 'dry' }, 'mode'],
    [{ guard: { tries: 1 } }, 'guard.tries'],
    [{ penalty: { factor: 0 } }, 'penalty.factor'],
    [{ penalty: { first: '1h', most: '30m' } }, 'penalty.most'],
    [{ users: {} }, 'Unrecognized key'],
  ])('%j stops the start', (input, message) => {
    expect(() => throttlePlugin.create(parseConfig(throttlePlugin, input), fakeServices())).toThrow(message);
  });
});
