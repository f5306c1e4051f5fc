import { describe, expect, it } from '@jest/globals';
import { schemeOf, verifyPassword } from '../src/index.js';
import { permissive as rules, vectors } from './vectors.js';

const password = 'Tr0ub4dor&3';

describe('password schemes', () => {
  it('the empty password fits no hash', async () => {
    const hashes = new Map(vectors.map(({ stored }) => [schemeOf(stored, 'CRYPT'), stored]));
    for (const stored of hashes.values())
      expect([stored, await verifyPassword(Buffer.alloc(0), stored, rules)]).toEqual([stored, 'mismatch']);
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

  it('does not mind blanks and line ends behind a hash, as columns of a fixed width and files leave them; a password ends as it ends', async () => {
    const hashes = new Map(vectors.map((vector) => [schemeOf(vector.stored, 'CRYPT'), vector] as const));
    for (const [scheme, vector] of hashes) {
      const clear = /^\{(?:PLAIN|CLEARTEXT|CLEAR)\}/.test(vector.stored);
      const answer = await verifyPassword(Buffer.from(vector.password), `${vector.stored} \t\r\n`, rules);
      expect([scheme, answer]).toEqual([scheme, clear ? 'mismatch' : 'match']);
    }
    expect(await verifyPassword(Buffer.from('secret '), '{PLAIN}secret ', rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('secret'), '{CLEARTEXT}secret ', rules)).toBe('mismatch');
  });

  it('looks at 72 bytes of a password for bcrypt, as Dovecot and Apache do', async () => {
    // htpasswd -nbBC 4 with 72 letters; doveadm pw -t takes it with 72 and more, and not with 71.
    const stored = '{BLF-CRYPT}$2y$04$avZxP0op5FENy9PNSR7BbOw13vDXKxP46WQvtS3fuLw3e3iC62j12';
    expect(await verifyPassword(Buffer.from('x'.repeat(71)), stored, rules)).toBe('mismatch');
    expect(await verifyPassword(Buffer.from('x'.repeat(72)), stored, rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('x'.repeat(80)), stored, rules)).toBe('match');
  });

  it('reads under the names of crypt(3) what crypt(3) would read, as Dovecot does', async () => {
    const bcrypt = '$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.';
    for (const name of ['SHA512-CRYPT', 'sha256-crypt', 'DES-CRYPT', 'CRYPT']) {
      expect(await verifyPassword(Buffer.from(password), `{${name}}${bcrypt}`, rules)).toBe('match');
    }
    expect(await verifyPassword(Buffer.from(password), `{MD5-CRYPT}${bcrypt}`, rules)).toMatchObject({ kind: 'unusable' });
    expect(schemeOf('{SHA512-CRYPT}$1$abcdefgh$FErPkDeIHv781e9EexumS.', 'CRYPT')).toBe('MD5-CRYPT');
  });

  it('a NUL begins no second password: what crypt(3) would cut and bcrypt would repeat fits nothing', async () => {
    for (const stored of [
      '$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.',
      '{DES-CRYPT}abWL7Sj501Z46',
      '$5$saltsalt12345678$eJmNbTu2MJOJGauRLybpe0IhZ4exMWoucHbxSwJRSe/',
      '$7$CU..../....abcdefgh$frgYiX7G3S.uPSNTKMzmdD.31mJW0GdtxqSEjkCUZe3',
    ]) {
      for (const more of ['\0', '\0x', `\0${password}`]) {
        expect(await verifyPassword(Buffer.from(`${password}${more}`), stored, rules)).toBe('mismatch');
      }
    }
  });

  it('DES looks at seven bits of eight characters, as crypt(3) does', async () => {
    expect(await verifyPassword(Buffer.from('Tr0ub4do'), '{DES-CRYPT}abWL7Sj501Z46', rules)).toBe('match');
    expect(await verifyPassword(Buffer.from('Tr0ub4d'), '{DES-CRYPT}abWL7Sj501Z46', rules)).toBe('mismatch');
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
