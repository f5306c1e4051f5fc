import { describe, expect, it } from '@jest/globals';
import { Networks } from '@postern/contract';
import fc from 'fast-check';
import { Condition, type WhenConfig } from '../../src/answer/condition.js';
import { Identity } from '../../src/answer/identity.js';
import { attemptFor, proofOf } from './fakes.js';

const matches = (when: WhenConfig | undefined, parts: Parameters<typeof attemptFor>[0] = {}): boolean =>
  Condition.from(when).matches(attemptFor(parts));

describe('when', () => {
  it('matches everything when there is none', () => {
    expect(matches(undefined)).toBe(true);
    expect(matches({})).toBe(true);
  });

  it('asks for one of the values of a key', () => {
    expect(matches({ protocol: 'imap' })).toBe(true);
    expect(matches({ protocol: ['pop3', 'smtp'] })).toBe(false);
    expect(matches({ mechanism: ['external', 'plain'] })).toBe(true);
    expect(matches({ mechanism: 'plain' }, { proof: proofOf('apop') })).toBe(false);
  });

  it('asks for all keys at once', () => {
    expect(matches({ protocol: 'imap', domain: 'example.org', client: '192.0.2.0/24' })).toBe(true);
    expect(matches({ protocol: 'imap', domain: 'example.org', client: '198.51.100.0/24' })).toBe(false);
  });

  it('knows exact domains in any form, and everything below a domain', () => {
    expect(matches({ domain: 'EXAMPLE.org' })).toBe(true);
    expect(matches({ domain: 'münchen.de' }, { user: 'a@xn--mnchen-3ya.de' })).toBe(true);
    expect(matches({ domain: '*.example.org' })).toBe(false);
    expect(matches({ domain: '*.example.org' }, { user: 'a@b.c.example.org' })).toBe(true);
    expect(matches({ domain: '*.example.org' }, { user: 'a@evilexample.org' })).toBe(false);
    expect(matches({ domain: 'example.org' }, { user: 'example.org' })).toBe(false);
    expect(matches({ domain: 'example.org' }, { user: 'a@example.org@evil.net' })).toBe(false);
  });

  it('compares users as attempts carry them', () => {
    const identity = new Identity({ defaultDomain: 'example.org' });
    expect(Condition.from({ user: ['Alice', 'bob'] }, identity).matches(attemptFor())).toBe(true);
    expect(Condition.from({ user: 'carol' }, identity).matches(attemptFor())).toBe(false);
    expect(matches({ user: '__proto__' }, { user: 'constructor' })).toBe(false);
  });

  it('takes networks as text or read already, and no unix client is in any', () => {
    expect(matches({ client: new Networks(['192.0.2.7']) })).toBe(true);
    expect(matches({ client: ['10.0.0.0/8', '192.0.2.0/30'] })).toBe(false);
    expect(matches({ client: ['0.0.0.0/0', '::/0'] }, { client: { ip: 'unix:' } })).toBe(false);
  });
});

describe('percent', () => {
  it('always takes the same users: these shares must never change', () => {
    const inTen = Array.from({ length: 200 }, (_, index) => `user${index}@example.org`).filter((user) =>
      matches({ percent: 10 }, { user }),
    );
    expect(inTen.map((user) => Number(/\d+/.exec(user)?.[0]))).toMatchInlineSnapshot(`
     [
       15,
       18,
       25,
       37,
       38,
       59,
       65,
       89,
       93,
       96,
       120,
       121,
       147,
       196,
       198,
       199,
     ]
    `);
  });

  it('takes nobody at 0 and everybody at 100', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (user) => {
        expect(matches({ percent: 0 }, { user })).toBe(false);
        expect(matches({ percent: 100 }, { user })).toBe(true);
      }),
    );
  });

  it('keeps everybody who was in when it is raised', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (user, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        return !matches({ percent: low }, { user }) || matches({ percent: high }, { user });
      }),
    );
  });

  it('takes about the share it names', () => {
    const condition = Condition.from({ percent: 25 });
    let taken = 0;
    for (let index = 0; index < 20_000; index++) if (condition.matches(attemptFor({ user: `u${index}@example.org` }))) taken++;
    expect(taken / 20_000).toBeGreaterThan(0.24);
    expect(taken / 20_000).toBeLessThan(0.26);
  });
});
