import { describe, expect, it } from '@jest/globals';
import type { LoginAttempt, Verdict } from '@postern/contract';
import { fakeServices } from '@postern/testkit';
import { accepted, deferred, disabled, open, rejected } from './support/open.js';

const refused = (why: 'disabled' | 'expired' | 'locked' | 'policy' | 'tls-required', proofHeld = false): Verdict => ({
  kind: 'refused',
  why,
  proofHeld,
});

describe('a success in memory', () => {
  it('rule 65: ends with a change of the user, of the domain or of everybody, and with no other', async () => {
    const cache = await open();
    await cache.login();
    for (const change of [{ user: 'bob@example.org' }, { user: 'ann' }, { domain: 'example.net' }, { domain: 'org' }, { domain: '' }]) {
      cache.services.changes.announce(change);
      expect(await cache.kind()).toBe('accepted');
    }
    for (const change of [{ user: 'ann@example.org' }, { user: 'Ann@Example.org' }, { domain: 'example.org' }, { all: true }] as const) {
      cache.services.changes.announce(change);
      expect(await cache.kind()).toBe('accepted!');
    }
    const flushed = (scope: string): number => cache.services.metrics.value('cache_flushes_total', { scope });
    expect(['user', 'domain', 'all'].map(flushed)).toEqual([4, 4, 1]);
  });

  it('so does a no: the password may be right now', async () => {
    for (const change of [{ user: 'ann@example.org' }, { domain: 'example.org' }, { all: true }] as const) {
      const cache = await open();
      cache.says = rejected;
      await cache.login();
      cache.services.changes.announce(change);
      cache.says = accepted();
      expect(await cache.kind()).toBe('accepted!');
    }
  });

  it('so does a no about an account for which another name was typed', async () => {
    const cache = await open();
    const wrong = { kind: 'rejected', user: 'Real@example.net' } as const;
    cache.says = wrong;
    await cache.login();
    expect(await cache.login()).toEqual(wrong);
    expect(await cache.kind()).toBe('rejected');
    for (const change of [{ user: 'real@example.net' }, { domain: 'example.net' }]) {
      cache.services.changes.announce(change);
      expect(await cache.kind()).toBe('rejected!');
      expect(await cache.kind()).toBe('rejected');
    }
    cache.says = () => {
      cache.services.changes.announce({ user: 'real@example.net' });
      return wrong;
    };
    await cache.login({ password: 'during' });
    expect(await cache.kind({ password: 'during' })).toBe('rejected!');
  });

  it('ends with a change of the account that it is about, where another name was typed', async () => {
    const cache = await open();
    cache.says = accepted('real@example.net');
    await cache.login();
    expect(await cache.kind()).toBe('accepted');
    for (const change of [{ user: 'real@example.net' }, { domain: 'example.net' }]) {
      cache.services.changes.announce(change);
      expect(await cache.kind()).toBe('accepted!');
      expect(await cache.kind()).toBe('accepted');
    }
    cache.says = () => {
      cache.services.changes.announce({ user: 'real@example.net' });
      return accepted('real@example.net');
    };
    await cache.login({ password: 'during' });
    expect(await cache.kind({ password: 'during' })).toBe('accepted!');
  });

  it('ends when the account that it is about is shut out, where another name was typed, and is not brought in from before', async () => {
    const cache = await open({ staleFor: '1h' });
    const says = (login: LoginAttempt): Verdict => (login.user === 'alias@example.org' ? accepted('real@example.net') : disabled);
    cache.says = says;
    await cache.login({ user: 'alias@example.org' });
    await cache.login({ user: 'real@example.net' });
    cache.says = deferred;
    expect(await cache.kind({ user: 'alias@example.org' })).toBe('deferred!');
    cache.says = async (login) => {
      if (login.user === 'alias@example.org') await cache.login({ user: 'real@example.net', password: 'another' });
      return says(login);
    };
    await cache.login({ user: 'alias@example.org' });
    expect(await cache.kind({ user: 'alias@example.org' })).toBe('accepted!');
  });

  it.each<Verdict>([refused('disabled'), refused('expired', true), refused('locked'), { kind: 'unknown-user' }])(
    'ends when the account turns out to be shut out, whatever the password and the place: %j',
    async (verdict) => {
      const cache = await open();
      await cache.login();
      await cache.login({ password: 'app password', protocol: 'smtp' });
      cache.says = verdict;
      await cache.login({ password: 'wrong', protocol: 'pop3', client: { ip: '203.0.113.1' } });
      expect(await cache.kind()).toBe(`${verdict.kind}!`);
      expect(await cache.kind({ password: 'app password', protocol: 'smtp' })).toBe(`${verdict.kind}!`);
    },
  );

  it.each<Verdict>([rejected, refused('policy'), refused('policy', true), refused('tls-required')])(
    'ends when its password does not do elsewhere any more, and only that one: %j',
    async (verdict) => {
      const cache = await open();
      await cache.login();
      await cache.login({ password: 'app password' });
      cache.says = verdict;
      await cache.login({ protocol: 'pop3' });
      expect(await cache.kind({ password: 'app password' })).toBe('accepted');
      expect(await cache.kind()).toBe(`${verdict.kind}!`);
    },
  );

  it('survives any number of wrong passwords, and of users that are not there', async () => {
    const cache = await open({ maxEntries: 64 });
    await cache.login();
    cache.says = rejected;
    for (let index = 0; index < 300; index += 1) await cache.login({ password: `guess ${index}`, client: { ip: `2001:db8::${index}` } });
    cache.says = { kind: 'unknown-user' };
    for (let index = 0; index < 300; index += 1) await cache.login({ user: `user-${index}@example.org` });
    expect(await cache.kind()).toBe('accepted');
    expect(cache.services.metrics.value('cache_entries', { answer: 'no' })).toBe(16);
  });

  it('ends with a refusal by digest or certificate, and not with mail to a recipient who is refused', async () => {
    const cache = await open();
    await cache.login();
    cache.says = disabled;
    await cache.login({ proof: { mechanism: 'none', from: 'x@example.net', to: 'ann@example.org', helo: 'mx' }, protocol: 'smtp' });
    expect(await cache.kind()).toBe('accepted');
    await cache.login({ proof: { mechanism: 'cram-md5', salt: '<1@x>', digest: '0'.repeat(32) } });
    expect(await cache.kind()).toBe('refused!');
  });
});

describe('several processes', () => {
  const two = async () => {
    const services = fakeServices();
    const other = fakeServices();
    // One shared place for both.
    const shared = { ...other, shared: services.shared };
    return { here: await open({}, services), there: await open({}, shared), shared: services.shared };
  };

  it('a refusal here ends the success there', async () => {
    const { here, there } = await two();
    await there.login();
    here.says = there.says = disabled;
    await here.login({ password: 'wrong' });
    expect(await there.kind()).toBe('refused!');
  });

  it('a password that was right here and is rejected here is asked about there', async () => {
    const { here, there } = await two();
    await here.login();
    await there.login();
    here.says = there.says = rejected;
    await here.login({ protocol: 'pop3' });
    expect(await there.kind()).toBe('rejected!');
  });

  it('wrong passwords, unknown users and the hundredth refusal are told to nobody; no message holds more than a name', async () => {
    const { here, shared } = await two();
    const messages: string[] = [];
    shared.subscribe('ended', (message) => messages.push(message));
    here.says = rejected;
    await here.login({ password: 'canary' });
    here.says = { kind: 'unknown-user' };
    await here.login({ user: 'nobody@example.org' });
    here.says = disabled;
    for (let index = 0; index < 100; index += 1) await here.login({ password: `canary ${index}` });
    expect(messages).toEqual([expect.stringMatching(/^[0-9a-f-]{36} ann@example\.org$/)]);
    await here.services.clock.step(1000);
    await here.login({ password: 'canary again' });
    expect(messages).toHaveLength(2);
  });

  it('a second refusal soon after the first is told, too: the user may have been let in there in between', async () => {
    const { here, there } = await two();
    here.says = disabled;
    await here.login({ password: 'wrong' });
    await there.login();
    await here.login({ password: 'wrong again' });
    there.says = disabled;
    expect(await there.kind()).toBe('accepted');
    await here.services.clock.step(1000);
    expect(await there.kind()).toBe('refused!');
  });

  it('what is still to be told is told when the cache stops', async () => {
    const { here, there } = await two();
    here.says = disabled;
    await here.login({ password: 'wrong' });
    await there.login();
    await here.login({ password: 'wrong again' });
    there.says = disabled;
    await here.stop();
    expect(await there.kind()).toBe('refused!');
  });

  it('nonsense from the shared place does no harm', async () => {
    const { here, shared } = await two();
    await here.login();
    for (const message of ['', ' ', 'x', 'ann@example.org', ' ann@example.org']) await shared.publish('ended', message);
    expect(await here.kind()).toBe('accepted');
    await shared.publish('ended', 'x ann@example.org');
    expect(await here.kind()).toBe('accepted!');
  });
});

describe('when no store can tell', () => {
  const outage = async (input: object = { ttl: '5m', staleFor: '1h' }) => {
    const cache = await open(input);
    await cache.login();
    await cache.services.clock.step(300_000);
    cache.says = deferred;
    return cache;
  };

  it('an earlier success with the same proof is served until `ttl` and `staleFor` are over; it is counted and logged', async () => {
    const cache = await outage();
    expect(await cache.login({ id: 'login-1' })).toEqual(accepted());
    expect(cache.answers('stale')).toBe(1);
    expect(cache.services.log.lines).toEqual([
      { level: 'warn', message: 'let in from memory, because no store can tell', fields: { id: 'login-1', ageSeconds: 300 } },
    ]);
    await cache.services.clock.step(3_599_999);
    expect(await cache.kind()).toBe('accepted!');
    await cache.services.clock.step(1);
    expect(await cache.kind()).toBe('deferred!');
  });

  it('a thrown error is an outage, too', async () => {
    const cache = await outage();
    cache.says = () => Promise.reject(new Error('a bug'));
    expect(await cache.kind()).toBe('accepted!');
  });

  it('is not served without `staleFor`, nor for another password, user or place', async () => {
    expect(await (await outage({ ttl: '5m' })).kind()).toBe('deferred!');
    const cache = await outage();
    for (const parts of [
      { password: 'other' },
      { user: 'bob@example.org' },
      { protocol: 'pop3' },
      { tls: {} },
      { client: { ip: '::1' } },
    ] as const) {
      expect(await cache.kind(parts)).toBe('deferred!');
    }
  });

  it('is not served in place of any answer that a store gave', async () => {
    for (const verdict of [rejected, disabled, { kind: 'unknown-user' }, { kind: 'limited' }, { kind: 'unsupported' }] as const) {
      const cache = await outage();
      cache.says = verdict;
      expect(await cache.kind()).toBe(`${verdict.kind}!`);
    }
  });

  it.each<Verdict>([disabled, { kind: 'unknown-user' }, rejected, refused('policy', true)])(
    'is never served to one whom a store turned away since: %j',
    async (verdict) => {
      const cache = await outage();
      cache.says = verdict;
      await cache.login();
      await cache.services.clock.step(60_000);
      cache.says = deferred;
      expect(await cache.kind()).toBe('deferred!');
    },
  );

  it('is never served to one who was shut out in another way meanwhile', async () => {
    const byOtherPassword = await outage();
    byOtherPassword.says = disabled;
    await byOtherPassword.login({ password: 'another', protocol: 'pop3' });
    byOtherPassword.says = deferred;
    expect(await byOtherPassword.kind()).toBe('deferred!');
    for (const change of [{ user: 'ann@example.org' }, { domain: 'example.org' }, { all: true }] as const) {
      const flushed = await outage();
      flushed.services.changes.announce(change);
      expect(await flushed.kind()).toBe('deferred!');
    }
  });

  it('is not served when the change came while the stores were being asked', async () => {
    for (const change of [{ user: 'ann@example.org' }, { domain: 'example.org' }, { all: true }] as const) {
      const cache = await outage();
      cache.says = () => {
        cache.services.changes.announce(change);
        return deferred;
      };
      expect(await cache.kind()).toBe('deferred!');
    }
  });

  it('does not grow younger by being served', async () => {
    const cache = await outage({ ttl: '5m', staleFor: '10s' });
    await cache.services.clock.step(6000);
    expect(await cache.kind()).toBe('accepted!');
    await cache.services.clock.step(4000);
    expect(await cache.kind()).toBe('deferred!');
  });

  it('all who wait for the same answer are served', async () => {
    const cache = await outage();
    const kinds = await Promise.all(Array.from({ length: 5 }, () => cache.login()));
    expect(kinds.map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'));
    expect([cache.asked.length, cache.answers('stale')]).toEqual([2, 5]);
  });
});
