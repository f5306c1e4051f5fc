import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { examine, isWeakScheme, knownSchemes, schemeOf, verifyPassword, type SchemeRules } from '../src/index.js';

const rules: SchemeRules = { defaultScheme: 'CRYPT', allowWeak: [...knownSchemes] };
const password = Buffer.from('Tr0ub4dor&3');
const salt = '98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s';

const broken = [
  ['an unknown scheme', '{FOO}bar'],
  ['a scheme of Dovecot that is not supported', '{DIGEST-MD5}43efce270bb8ae039df5a4796a5f0eea'],
  ['sha-crypt that is cut off', '{SHA512-CRYPT}$6$saltsalt12345678$6mqwz8u3tY'],
  ['sha-crypt of a length that belongs to the other one', `$6$saltsalt$${'a'.repeat(43)}`],
  ['sha-crypt of 999999999 rounds', `$6$rounds=999999999$saltsalt$${'a'.repeat(86)}`],
  ['sha-crypt of 999 rounds', `$5$rounds=999$saltsalt$${'a'.repeat(43)}`],
  ['sha-crypt with a salt of 17 letters', `$5$saltsaltsaltsalts$${'a'.repeat(43)}`],
  ['yescrypt that asks for a gibibyte', `$y$jFT$F5Jx5fExrKuPp53xLKQ..1$${'a'.repeat(43)}`],
  ['yescrypt with parameters that crypt_gensalt does not write', `$y$j9T./.$F5Jx5fExrKuPp53xLKQ..1$${'a'.repeat(43)}`],
  ['yescrypt with SM3', `$sm3y$j9T$F5Jx5fExrKuPp53xLKQ..1$${'a'.repeat(43)}`],
  ['scrypt that asks for a gibibyte', `$7$IU..../....abcdefgh$${'a'.repeat(43)}`],
  ['scrypt with a block size beyond reason', `$7$C....z/....abcdefgh$${'a'.repeat(43)}`],
  ['scrypt of too much work in little memory', `scrypt$1024$salt$8$100000$${'a'.repeat(43)}=`],
  ['scrypt with an N that is no power of two', `scrypt$1000$salt$8$1$${'a'.repeat(43)}=`],
  ['scrypt with an N beyond all numbers', `$scrypt$ln=99,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$${'a'.repeat(43)}`],
  ['PBKDF2 of ten million iterations', `{PBKDF2}$1$salt$10000000$${'ab'.repeat(20)}`],
  ['PBKDF2 of many iterations for many blocks', `$pbkdf2$1500000$c2FsdA$${'a'.repeat(54)}`],
  ['PBKDF2 with a key of two bytes', '{PBKDF2}$1$salt$5000$abcd'],
  ['PBKDF2 with a key of a kilobyte', `{PBKDF2}$1$salt$5000$${'ab'.repeat(1024)}`],
  ['PBKDF2_SHA256 of no iterations', `{PBKDF2_SHA256}${Buffer.alloc(324).toString('base64')}`],
  ['PBKDF2_SHA256 of four billion iterations', `{PBKDF2_SHA256}${Buffer.alloc(324, 0xff).toString('base64')}`],
  ['PBKDF2_SHA256 of another size', `{PBKDF2_SHA256}${Buffer.alloc(100, 1).toString('base64')}`],
  ['PBKDF2 of no iterations', `pbkdf2_sha256$0$salt$${'a'.repeat(43)}=`],
  ['SCRAM of ten million iterations', `{SCRAM-SHA-1}10000000,c2FsdA==,${'a'.repeat(27)}=,${'a'.repeat(27)}=`],
  ['SCRAM without its server key', `{SCRAM-SHA-1}4096,c2FsdA==,${'a'.repeat(27)}=`],
  ['SCRAM with the keys of another digest', `{SCRAM-SHA-256}4096,c2FsdA==,${'a'.repeat(27)}=,${'a'.repeat(27)}=`],
  ['half of the states of CRAM-MD5', `{CRAM-MD5}${'ab'.repeat(16)}`],
  ['bcrypt-sha256 of cost 31', 'bcrypt_sha256$$2b$31$M7rn0YCxnM9Ta6n1xZqdKOpHMKH2fboP9d0nIy8/U1J34FqKXtG3C'],
  ['argon2d of OpenLDAP', `{ARGON2}$argon2d$v=19$m=65536,t=3,p=1$${salt}`],
  ['bcrypt under argon2', '{ARGON2}$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.'],
  ['an unknown suffix', '{SHA.rot13}abc'],
  ['empty braces', '{}x'],
  ['a digest of the wrong length', '{SHA}h0Vy56WuaklGamrFeLmK26eMaq=='],
  ['a salted digest without salt', '{SSHA256}SEhuFRToQjRv9AWx5F9EBZroJhnyMG+Z0JQNyzhukfc='],
  ['a salt without end', `{SSHA}${Buffer.alloc(4096).toString('base64')}`],
  ['base64 with a foreign letter', '{SHA}h0Vy56WuaklGamrFeLmK26eMa!Y='],
  ['hexadecimal with an odd number of digits', '{PLAIN.HEX}abc'],
  ['a bcrypt hash with a letter too few', '{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U'],
  ['a bcrypt hash of the faulty kind', '{BLF-CRYPT}$2x$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.'],
  ['bcrypt of cost 31', '{BLF-CRYPT}$2y$31$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.'],
  ['bcrypt of cost 3', '{BLF-CRYPT}$2y$03$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.'],
  ['argon2 that asks for 4 TiB', `{ARGON2ID}$argon2id$v=19$m=4294967295,t=1,p=1$${salt}`],
  ['argon2 that asks for 512 MiB', `{ARGON2ID}$argon2id$v=19$m=524288,t=1,p=1$${salt}`],
  ['argon2 of a million passes', `{ARGON2ID}$argon2id$v=19$m=1024,t=1000000,p=1$${salt}`],
  ['argon2 of many passes over much memory', `{ARGON2ID}$argon2id$v=19$m=262144,t=32,p=1$${salt}`],
  ['argon2 of a thousand lanes', `{ARGON2ID}$argon2id$v=19$m=65536,t=1,p=1000$${salt}`],
  ['argon2 without passes', `{ARGON2ID}$argon2id$v=19$m=65536,t=0,p=1$${salt}`],
  ['argon2 of an unknown version', `{ARGON2ID}$argon2id$v=99$m=65536,t=3,p=1$${salt}`],
  ['argon2i under argon2id', `{ARGON2ID}$argon2i$v=19$m=65536,t=3,p=1$${salt}`],
  ['argon2d', `{CRYPT}$argon2d$v=19$m=65536,t=3,p=1$${salt}`],
  ['a text of a mebibyte', `{PLAIN}${'x'.repeat(1_048_576)}`],
  ['nothing', ''],
] as const;

describe('stored passwords that cannot be used', () => {
  it.each(broken)('%s is no wrong password', async (_, stored) => {
    expect(await verifyPassword(password, stored, rules)).toMatchObject({ kind: 'unusable' });
    expect(examine(stored, rules).problem).toBeDefined();
  });

  it('nothing that stands in a database makes a check throw', async () => {
    const label = fc.constantFrom(...knownSchemes, 'X', '');
    const suffix = fc.constantFrom('', '.b64', '.hex', '.');
    const data = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.base64String({ maxLength: 90 }),
      fc.stringMatching(
        /^\$(1|2y|5|6|7|y|apr1|scrypt|pbkdf2|bcrypt-sha256|argon2id|argon2i)\$(v=19\$)?(m=\d{1,3},t=\d,p=\d|\d\d|rounds=\d{4})?\$[./A-Za-z0-9]{0,60}(\$[A-Za-z0-9]{0,50})?$/,
      ),
    );
    await fc.assert(
      fc.asyncProperty(label, suffix, data, async (name, dot, text) => {
        const check = await verifyPassword(password, name === '' ? text : `{${name}${dot}}${text}`, rules);
        expect(check === 'mismatch' || typeof check === 'object').toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('the reason tells nothing of the stored text', () => {
    for (const stored of [
      '{hunter2}rest',
      '{SHA}hunter2',
      '{hunter2',
      '$2y$05$hunter2',
      'hunter2 hunter2',
      '{SHA512-CRYPT}hunter2',
      'scrypt$hunter2',
      '$y$hunter2',
    ]) {
      expect(examine(stored, rules).problem).not.toContain('hunter2');
    }
  });
});

describe('weak schemes', () => {
  const strict: SchemeRules = { defaultScheme: 'CRYPT', allowWeak: [] };

  it.each([
    '{PLAIN}Tr0ub4dor&3',
    '{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=',
    '{CRYPT}$1$abcdefgh$FErPkDeIHv781e9EexumS.',
    '{CRYPT}abWL7Sj501Z46',
    '{SHA512-CRYPT}$1$abcdefgh$FErPkDeIHv781e9EexumS.',
    '{MD5}Ts5XphMjtSzP/b7wIZVnVA==',
    '{SMD5}hLblCZqmmD5T0YV1sLThRHNhbHRTQUxU',
    '{CRAM-MD5}c0a49b541c47c13e0fed75e90df0510e8e19d265316dbafce5048e1f92c94232',
  ])('%s needs the permission, and its absence is no wrong password', async (stored) => {
    expect(await verifyPassword(password, stored, strict)).toMatchObject({ kind: 'unusable' });
    expect(examine(stored, strict)).toMatchObject({ weak: true });
    expect(examine(stored, strict).problem).toContain('not allowed');
  });

  it('a permission covers the other names of the same scheme, in either case', async () => {
    expect(await verifyPassword(password, '{CLEAR}Tr0ub4dor&3', { ...strict, allowWeak: ['plain'] })).toBe('match');
    expect(await verifyPassword(password, '{SHA1}h0Vy56WuaklGamrFeLmK26eMaqY=', { ...strict, allowWeak: ['SHA'] })).toBe('match');
    expect(await verifyPassword(password, '{SHA1}h0Vy56WuaklGamrFeLmK26eMaqY=', { ...strict, allowWeak: ['SSHA'] })).toMatchObject({
      kind: 'unusable',
    });
  });

  it('strong schemes need none', async () => {
    expect(await verifyPassword(password, '{SSHA256}0XKkxkKdnBahv6VwgnzuO8IGvIaRg4Z0Bh1H3kiGHnRzYWx0U0FMVA==', strict)).toBe('match');
    expect(await verifyPassword(password, '{SSHA}H7KSsAJEU0+7ujnMqK8C3wIR9DRzYWx0U0FMVA==', strict)).toBe('match');
  });

  it('every scheme says whether it is weak', () => {
    expect(knownSchemes.filter((name) => isWeakScheme(name) === true).sort()).toEqual(
      [
        ...['PLAIN', 'CLEAR', 'CLEARTEXT', 'SHA', 'SHA1', 'SHA256', 'SHA384', 'SHA512', 'PLAIN-MD5', 'LDAP-MD5', 'MD5', 'SMD5'],
        ...['CRAM-MD5', 'HMAC-MD5', 'MD5-CRYPT', 'APR1', 'DES-CRYPT'],
      ].sort(),
    );
    expect(knownSchemes.filter((name) => isWeakScheme(name) === undefined)).toEqual([]);
    expect(isWeakScheme('nonsense')).toBeUndefined();
    expect(schemeOf('$apr1$abcdefgh$uKwRFhVF7xIEaribjYms4.', 'CRYPT')).toBe('APR1');
  });
});
