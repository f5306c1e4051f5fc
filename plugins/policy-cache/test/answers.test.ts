import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { attempt } from '@postern/testkit';
import { cachePlugin } from '../src/index.js';
import { accepted, deferred, disabled, never, open, rejected } from './support/open.js';

describe('a login that was let in', () => {
  it('rule 65: is let in again without asking, with the same account, until `ttl` is over', async () => {
    const cache = await open({ ttl: '5m' });
    const first = await cache.login();
    await cache.services.clock.step(299_999);
    expect(await cache.login()).toEqual(first);
    expect(cache.asked).toHaveLength(1);
    await cache.services.clock.step(1);
    expect(await cache.kind()).toBe('accepted!');
  });

  it('counts its age from the question, not from the answer', async () => {
    const cache = await open({ ttl: '10s' });
    cache.says = async () => {
      await cache.services.clock.step(6000);
      return accepted();
    };
    await cache.login();
    await cache.services.clock.step(4000);
    expect(await cache.kind()).toBe('accepted!');
  });

  it('is not kept longer by being used, nor by a clock that is set back', async () => {
    const cache = await open({ ttl: '10s' });
    await cache.login();
    await cache.services.clock.step(6000);
    expect(await cache.kind()).toBe('accepted');
    cache.services.clock.jump(-3_600_000);
    await cache.services.clock.step(4000);
    expect(await cache.kind()).toBe('accepted!');
  });

  it('says nothing for another password, user, protocol, address, name or encryption', async () => {
    const cache = await open();
    await cache.login();
    cache.says = rejected;
    const others = [
      { password: 'wrong' },
      { password: 'right ' },
      { user: 'bob@example.org' },
      { protocol: 'pop3' },
      { client: { ip: '192.0.2.8' } },
      { client: { ip: '192.0.2.7', host: 'ann.example.org' } },
      { tls: {} },
      { tls: { protocol: 'TLSv1.3' } },
    ] as const;
    for (const parts of others.slice(0, 3)) expect(await cache.kind(parts)).toBe('rejected!');
    for (const parts of others.slice(3)) {
      cache.says = accepted();
      expect(await cache.kind()).toMatch(/accepted/);
      cache.says = rejected;
      expect(await cache.kind(parts)).toBe('rejected!');
    }
  });

  it('is let in from everywhere where the address makes no difference', async () => {
    const cache = await open({ perAddress: false });
    await cache.login();
    expect(await cache.kind({ client: { ip: '198.51.100.1', host: 'x.example' } })).toBe('accepted');
    expect(await cache.kind({ tls: {} })).toBe('accepted!');
  });

  it('shares nothing that one could change for another', async () => {
    const cache = await open();
    const own = { user: 'ann@example.org', attributes: { host: 'mail-a' }, backend: { user: 'master' } };
    const expected = structuredClone({ kind: 'accepted', account: own });
    cache.says = { kind: 'accepted', account: own };
    await cache.login();
    own.attributes.host = 'mail-b';
    own.backend.user = 'root';
    const again = await cache.login();
    expect(again).toEqual(expected);
    if (again.kind !== 'accepted') throw new Error(again.kind);
    Object.assign(again.account.attributes, { host: 'mail-c' });
    Object.assign(again.account.backend ?? {}, { user: 'root' });
    expect(await cache.login()).toEqual(expected);
    expect(cache.asked).toHaveLength(1);
  });

  it('keeps an attribute that is called like a prototype as what it is', async () => {
    const cache = await open();
    cache.says = accepted('ann@example.org', {
      attributes: JSON.parse('{"__proto__":"mail-x","constructor":"y"}') as Record<string, string>,
    });
    await cache.login();
    const again = await cache.login({});
    if (again.kind !== 'accepted') throw new Error(again.kind);
    expect(Object.entries(again.account.attributes)).toEqual([
      ['__proto__', 'mail-x'],
      ['constructor', 'y'],
    ]);
    expect(await cache.kind({ user: '__proto__' })).toBe('accepted!');
    expect(await cache.kind({ user: '__proto__' })).toBe('accepted');
  });

  it.each([
    { secret: 'right' },
    { backend: { user: 'ann', password: 'right' } },
    { backend: { password: 'right' } },
    { secret: 'right', backend: { password: 'right' } },
    { secret: 'other', backend: { password: 'master' } },
  ])('gets its clear text back, which is not kept where it was typed: %j', async (more) => {
    const cache = await open();
    cache.says = accepted('ann@example.org', more);
    const first = await cache.login();
    expect(await cache.kind()).toBe('accepted');
    expect(await cache.login()).toEqual(first);
  });
});

describe('a no', () => {
  it.each<Verdict>([rejected, { kind: 'unknown-user' }, disabled, { kind: 'refused', why: 'policy', proofHeld: true, rule: 'networks' }])(
    'is repeated for `negativeTtl` and for that password alone: %j',
    async (no) => {
      const cache = await open({ negativeTtl: '1m' });
      cache.says = no;
      expect(await cache.login()).toEqual(no);
      await cache.services.clock.step(59_999);
      expect(await cache.login()).toEqual(no);
      expect(cache.asked).toHaveLength(1);
      expect(await cache.kind({ password: 'another' })).toBe(`${no.kind}!`);
      await cache.services.clock.step(1);
      expect(await cache.kind()).toBe(`${no.kind}!`);
    },
  );

  it('is over at once for a new password: it is asked about although the old one is remembered as right or wrong', async () => {
    const cache = await open();
    cache.says = rejected;
    await cache.login({ password: 'old' });
    cache.says = accepted();
    expect(await cache.kind({ password: 'new' })).toBe('accepted!');
    expect(await cache.kind({ password: 'old' })).toBe('rejected');
    expect(await cache.kind({ password: 'newer' })).toBe('accepted!');
  });

  it('is never repeated with `negativeTtl: 0s`', async () => {
    const cache = await open({ negativeTtl: '0s' });
    cache.says = rejected;
    await cache.login();
    expect(await cache.kind()).toBe('rejected!');
  });

  it.each<Verdict>([
    deferred,
    { kind: 'limited', retryAfterMs: 5 },
    { kind: 'unsupported' },
    { kind: 'refused', why: 'tls-required', proofHeld: false },
    { kind: 'refused', why: 'disabled', proofHeld: false, afterOutage: true },
  ])('that is none is not kept: %j', async (verdict) => {
    const cache = await open();
    cache.says = verdict;
    await cache.login();
    expect(await cache.kind()).toBe(`${verdict.kind}!`);
    cache.says = accepted();
    expect(await cache.kind()).toBe('accepted!');
  });

  it('says nothing to somebody at another address: whether a password was tried lately cannot be timed', async () => {
    const cache = await open();
    cache.says = rejected;
    await cache.login();
    expect(await cache.kind({ client: { ip: '203.0.113.9' } })).toBe('rejected!');
  });
});

describe('what is not remembered', () => {
  it('are proofs that are right only once, and those that carry their own end', async () => {
    const cache = await open();
    const proofs = [
      { mechanism: 'cram-md5', salt: '<1.1@x>', digest: '0'.repeat(32) },
      { mechanism: 'apop', salt: '<1.1@x>', digest: '0'.repeat(32) },
      { mechanism: 'external', certificate: { subject: 'CN=x', issuer: 'CN=y', serial: '01', fingerprint: '0'.repeat(40) } },
      { mechanism: 'none', from: 'a@example.net', to: 'ann@example.org', helo: 'mx' },
      { mechanism: 'xoauth2', token: 'token' },
      { mechanism: 'oauthbearer', token: 'token' },
    ] as const;
    for (const proof of proofs) {
      expect(await cache.kind({ proof })).toBe('accepted!');
      expect(await cache.kind({ proof })).toBe('accepted!');
    }
    expect(cache.answers('passed')).toBe(12);
  });

  it('is anything before the start and after the stop, when no change would be heard', async () => {
    const cache = await open();
    await cache.login();
    await cache.stop();
    expect(await cache.kind()).toBe('accepted!');
    expect(await cache.kind()).toBe('accepted!');
    expect(cache.services.metrics.value('cache_entries', { answer: 'yes' })).toBe(0);
  });

  it('is what `explain` asks: it gets the stores’ own answer and leaves nothing behind', async () => {
    const cache = await open();
    const policy = cachePlugin.create(cachePlugin.config.parse({}), cache.services);
    await policy.start?.(never);
    let times = 0;
    const rehearsed = policy.rehearse?.(() => Promise.resolve((times += 1) > 2 ? rejected : accepted()));
    const kinds = [];
    for (let time = 0; time < 3; time += 1) kinds.push((await rehearsed?.(attempt(), never))?.kind);
    expect(kinds).toEqual(['accepted', 'accepted', 'rejected']);
    await policy.stop?.(never);
  });
});

describe('the operator', () => {
  it('sees where answers came from and how many are kept', async () => {
    const cache = await open();
    await cache.login();
    await cache.login();
    cache.says = rejected;
    await cache.login({ password: 'wrong' });
    await cache.login({ password: 'wrong' });
    expect(['hit', 'miss', 'negative', 'joined', 'stale'].map((source) => cache.answers(source))).toEqual([1, 2, 1, 0, 0]);
    const entries = (answer: string): number => cache.services.metrics.value('cache_entries', { answer });
    expect([entries('yes'), entries('no')]).toEqual([1, 1]);
  });
});
