import { describe, expect, it } from '@jest/globals';
import { verifyPassword, type SchemeRules } from '../src/index.js';

const rules: SchemeRules = { defaultScheme: 'CRYPT', allowWeak: ['PLAIN', 'SHA', 'SHA256', 'SHA512', 'SSHA', 'MD5-CRYPT', 'APR1'] };
const password = 'Tr0ub4dor&3';

// Made by doveadm pw, openssl passwd, htpasswd and python's crypt and hashlib; none by this package.
const vectors = [
  '{PLAIN}Tr0ub4dor&3',
  '{CLEAR}Tr0ub4dor&3',
  '{cleartext}Tr0ub4dor&3',
  '{PLAIN.HEX}547230756234646f722633',
  '{PLAIN.b64}VHIwdWI0ZG9yJjM=',
  '{PLAIN.BASE64}VHIwdWI0ZG9yJjM',
  '{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=',
  '{SHA1}h0Vy56WuaklGamrFeLmK26eMaqY=',
  '{SHA256}SEhuFRToQjRv9AWx5F9EBZroJhnyMG+Z0JQNyzhukfc=',
  '{SHA256.HEX}48486e1514e842346ff405b1e45f44059ae82619f2306f99d0940dcb386e91f7',
  '{SHA256}48486e1514e842346ff405b1e45f44059ae82619f2306f99d0940dcb386e91f7',
  '{SHA512}xyu2IccEDPS2R0BjqaeXJpDiUvNa2+fPr/Wx7iMW7+c4LnI9QeATor+8M8MAfFDFhH0hqInM6DhTbqxyeAjeQA==',
  '{SSHA}H7KSsAJEU0+7ujnMqK8C3wIR9DRzYWx0U0FMVA==',
  '{SSHA}+/68GKoYXD7P+1pxkGiY6YOV10rER0Yn',
  '{SSHA256}0XKkxkKdnBahv6VwgnzuO8IGvIaRg4Z0Bh1H3kiGHnRzYWx0U0FMVA==',
  '{SSHA512}0IFFjXrPbeRhZYd0aXFY4kqW66Gd9FKVQynlISnWNOP8BuyYBrPlLR0P6HIavJk6gvW5Ax7RGBmht6G8W4J6ZHNhbHRTQUxU',
  '{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
  '{BLF-CRYPT}$2a$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
  '{BLF-CRYPT}$2b$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
  '{CRYPT}$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
  '$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
  '{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$Jg9t60Q+ISRZv06f4Qw+Xg$kQDTqKuMYOebhK0eQh5vQj8LjWg1K3K3bvLh3ATdt14',
  '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s',
  '$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s',
  '{MD5-CRYPT}$1$abcdefgh$FErPkDeIHv781e9EexumS.',
  '$apr1$abcdefgh$uKwRFhVF7xIEaribjYms4.',
  '$apr1$aOVdNXY2$Jt.4ODd3y.hF6a04oPOLx.',
];

describe('password schemes', () => {
  it.each(vectors)('%s takes the right password and no other', async (stored) => {
    expect(await verifyPassword(Buffer.from(password), stored, rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('Tr0ub4dor&4'), stored, rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from('Tr0ub4dor&'), stored, rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from(''), stored, rules)).toBe('mismatch');
  });

  it('compares bytes: UTF-8 as it was typed, Latin-1 is another password', async () => {
    const stored = '{SSHA256}6TNWg+M71Yl4AnoEnmGkoUZ7ieXgP8GR5wt9/ivVqeVzYWx0U0FMVA==';
    expect(await verifyPassword(Buffer.from('pässwörd€', 'utf8'), stored, rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('p\u00e4ssw\u00f6rd\u0080', 'latin1'), stored, rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from([0xff, 0xfe]), '{PLAIN.HEX}fffe', rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('\ufffd\ufffd'), '{PLAIN.HEX}fffe', rules)).toBe('mismatch');
  });

  it('takes bare text as the default scheme, and $id$ text as what it says', async () => {
    const plain = { defaultScheme: 'PLAIN', allowWeak: ['PLAIN'] };
    expect(await verifyPassword(Buffer.from('secret'), 'secret', plain)).toBe('match');
    expect(await verifyPassword(Buffer.from('se$ret'), 'se$ret', plain)).toBe('match');
    const stored = '$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.';
    expect(await verifyPassword(Buffer.from(stored), stored, plain)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from(password), stored, plain)).toBe('match');
  });

  it('looks at 72 bytes of a password for bcrypt, as Dovecot and Apache do', async () => {
    // htpasswd -nbBC 4 with 72 letters; doveadm pw -t takes it with 72 and more, and not with 71.
    const stored = '{BLF-CRYPT}$2y$04$avZxP0op5FENy9PNSR7BbOw13vDXKxP46WQvtS3fuLw3e3iC62j12';
    expect(await verifyPassword(Buffer.from('x'.repeat(71)), stored, rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from('x'.repeat(72)), stored, rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('x'.repeat(80)), stored, rules)).toBe('match');
  });

  it('no password fits a locked account', async () => {
    for (const stored of ['!', '*', '!!', '!$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.', '{CRYPT}*LK*']) {
      expect(await verifyPassword(Buffer.from(password), stored, rules)).toBe('mismatch');
      expect(await verifyPassword(Buffer.from(stored), stored, rules)).toBe('mismatch');
    }
  });

  it('an empty stored password fits nothing, the empty password included', async () => {
    expect(await verifyPassword(Buffer.from(''), '{PLAIN}', rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from('x'), '{PLAIN}', rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from(''), '', rules)).toMatchObject({ kind: 'unusable' });
  });
});
