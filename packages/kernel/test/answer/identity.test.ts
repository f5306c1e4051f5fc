import { asciiDomain } from '@postern/contract';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Identity, type IdentityRules } from '../../src/answer/identity.js';
import { accepted, denialOf, fakeStore, good, pipelineOf, rawAttempt, storeSeat } from './fakes.js';

const userOf = (raw: string, rules: IdentityRules = {}): string | undefined => {
  const read = new Identity(rules).canonical(raw);
  return read.kind === 'user' ? read.user : undefined;
};

describe('the canonical user', () => {
  it.each([
    ['Alice@Example.ORG', 'alice@example.org'],
    ['alice@example.org.', 'alice@example.org'],
    ['bob', 'bob'],
    ['us er@example.org', 'us er@example.org'],
    ['a@b@example.org', 'a@b@example.org'],
    ['alice@MÜNCHEN.de', 'alice@xn--mnchen-3ya.de'],
    ['alice@xn--mnchen-3ya.de', 'alice@xn--mnchen-3ya.de'],
    ['alice@ｅｘａｍｐｌｅ.org', 'alice@example.org'],
    ['alice@example。org', 'alice@example.org'],
    ['JOSE\u0301@example.org', 'jos\u00e9@example.org'],
    ['\u212A@example.org', 'k@example.org'],
    ['user+tag@example.org', 'user+tag@example.org'],
    ['__proto__', '__proto__'],
    ['constructor@example.org', 'constructor@example.org'],
    ["' or 1=1 --@example.org", "' or 1=1 --@example.org"],
    ['*)(uid=*', '*)(uid=*'],
  ])('of %j is %j', (raw, user) => expect(userOf(raw)).toBe(user));

  it('keeps the case of the local part when told to, and lowers that of the domain', () => {
    expect(userOf('Alice@Example.ORG', { lowercase: false })).toBe('Alice@example.org');
  });

  it('gets the default domain when it has none, also when the default is an alias', () => {
    expect(userOf('Alice', { defaultDomain: 'Example.org' })).toBe('alice@example.org');
    expect(userOf('alice', { defaultDomain: 'old.example', domainAliases: { 'old.example': 'example.org' } })).toBe('alice@example.org');
  });

  it('follows domain aliases to their end, in any spelling', () => {
    const rules = { domainAliases: { 'A.example': 'b.example', 'b.example': 'münchen.de' } };
    expect(userOf('x@a.example.', rules)).toBe('x@xn--mnchen-3ya.de');
    expect(userOf('x@B.EXAMPLE', rules)).toBe('x@xn--mnchen-3ya.de');
  });

  it('takes __proto__ as a domain name for no alias at all', () => {
    expect(userOf('x@__proto__', { domainAliases: {} })).toBe('x@__proto__');
  });

  it('refuses aliases that go round in a circle, and domains that are none', () => {
    expect(() => new Identity({ domainAliases: { 'a.example': 'b.example', 'b.example': 'a.example' } })).toThrow(/circle/);
    expect(() => new Identity({ defaultDomain: 'not a domain' })).toThrow(/no domain/);
  });

  it('loses its tag, but never its name', () => {
    const rules = { stripTag: '+' };
    expect(userOf('Bob+news+more@example.org', rules)).toBe('bob@example.org');
    expect(userOf('bob+news', rules)).toBe('bob');
    expect(userOf('+bob@example.org', rules)).toBe('+bob@example.org');
    expect(userOf('bob +x@example.org', rules)).toBeUndefined();
  });

  it('is never made of an address that only looks like one after decoding (domainToASCII reads URLs)', () => {
    for (const domain of [
      '%65xample.org',
      'ü%2e.org',
      '℀.org',
      'ü/x.org',
      'ü?x',
      'ü#x',
      'ü:80',
      'x@ü%40y',
      '①②⑦.0.0.1',
      '０x7f.１',
      '１２７.1',
      'ü..org',
    ]) {
      expect(userOf(`alice@${domain}`)).toBeUndefined();
    }
  });

  it('is a name even where a URL parser would read a number', () => {
    expect(asciiDomain('0x7f.1')).toBe('0x7f.1');
    expect(asciiDomain('127.0.0.1')).toBe('127.0.0.1');
  });

  it.each([
    '@example.org',
    'alice@',
    'alice@.',
    'alice@a..b',
    'alice@exa mple.org',
    'alice@[127.0.0.1]',
    'alice@-a.org',
    'alice@example.org..',
    '',
  ])('is not made of %j', (raw) => expect(userOf(raw)).toBeUndefined());

  it.each(['bo\r\nb', 'bo\0b', 'bob\u007f', 'b\tob', 'bob\u0085', 'bob\u2028', ' bob', 'bob ', '\u00a0bob', 'bob @example.org'])(
    'rule 19: is not made of %j, which is a malformed login and no outage',
    (raw) => expect(new Identity({}).canonical(raw)).toMatchObject({ kind: 'malformed' }),
  );

  it.each(['al\u200bice', 'al\u00adice', 'alice\u202e', 'al\ufe0fice', '\ud800bob', 'ａlice', 'ﬁn', 'alice＠example.org', '①'])(
    'is not made of %j, which a directory could take for somebody else',
    (raw) => expect(userOf(raw, { defaultDomain: 'example.org' })).toBeUndefined(),
  );

  it('says why without a word of what was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 12, maxLength: 700 }), (raw) => {
        const read = new Identity({}).canonical(raw);
        return read.kind === 'user' || !read.why.includes(raw);
      }),
    );
  });

  it('is at most 512 bytes, however it was reached', () => {
    expect(userOf('é'.repeat(257))).toBeUndefined();
    expect(userOf('a'.repeat(512))).toBe('a'.repeat(512));
    expect(userOf('a'.repeat(510), { defaultDomain: 'example.org' })).toBeUndefined();
    expect(userOf('a'.repeat(1_048_576))).toBeUndefined();
    expect(userOf('@'.repeat(1_048_576))).toBeUndefined();
  });

  it('is its own canonical user, whatever was typed', () => {
    const identity = new Identity({ defaultDomain: 'example.org', stripTag: '+', domainAliases: { 'x.y': 'example.org' } });
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.emailAddress(),
      fc
        .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 8 }))
        .map(([a, b]) => `${a}@${b}.org`),
    );
    fc.assert(
      fc.property(typed, (raw) => {
        const read = identity.canonical(raw);
        if (read.kind !== 'user') return;
        expect(identity.canonical(read.user)).toEqual(read);
        expect(read.user).not.toMatch(/[\u0000-\u001f\u007f]|^\s|\s$/u);
        expect(read.user.slice(read.user.lastIndexOf('@') + 1)).toMatch(/^[a-z0-9._-]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('identity', () => {
  it.each(['bo\r\nb', 'bo\0b', 'bob\u007f'])(
    'rule 19: a login such as %j is told like a wrong password, and no store is asked',
    async (rawUser) => {
      const store = good();
      const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
      const outcome = await pipeline.answer(rawAttempt({ rawUser }));
      expect(denialOf(outcome.answer)).toBe('rejected');
      expect(outcome.attempt).toBeUndefined();
      expect(outcome.steps).toMatchObject([{ stage: 'identity', outcome: 'malformed' }]);
      expect(JSON.stringify(outcome.steps)).not.toContain(JSON.stringify(rawUser).slice(1, -1));
      expect(store.asked).toHaveLength(0);
    },
  );

  it('rule 18: a login that cannot be a user (half a character, 1 MiB) is an ordinary failure', async () => {
    for (const rawUser of ['\ud800', 'é'.repeat(524_288), '@', '']) {
      const outcome = await pipelineOf({ stores: [storeSeat('a', good())] }).pipeline.answer(rawAttempt({ rawUser }));
      expect(denialOf(outcome.answer)).toBe('rejected');
    }
  });

  it('rule 20: an empty login is refused before any store is asked', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)], identity: new Identity({ defaultDomain: 'example.org' }) });
    expect(denialOf((await pipeline.answer(rawAttempt({ rawUser: '' }))).answer)).toBe('rejected');
    expect(store.asked).toHaveLength(0);
  });

  it('takes __proto__ for a login like any other', async () => {
    const store = fakeStore(accepted('__proto__'));
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    expect((await pipeline.answer(rawAttempt({ rawUser: '__proto__' }))).answer).toMatchObject({ kind: 'placed', user: '__proto__' });
    expect(store.asked[0]?.user).toBe('__proto__');
  });
});
