import { describe, expect, it } from '@jest/globals';
import { burn, clearText, examine, hashPassword, hashSchemes, schemeOf, verifyPassword } from '../src/index.js';

const strict = { defaultScheme: 'CRYPT', allowWeak: [] };

describe('new hashes', () => {
  it.each(hashSchemes)('%s: carries its scheme, a fresh salt, and takes the password it was made of', async (scheme) => {
    const awkward = Buffer.from('p%C3 +&"\\ü');
    const [one, other] = [await hashPassword(awkward, scheme), await hashPassword(awkward, scheme)];
    expect(one.startsWith(`{${scheme}}`)).toBe(true);
    expect(schemeOf(one, 'CRYPT')).toBe(scheme);
    expect(one).not.toBe(other);
    expect(await verifyPassword(awkward, one, strict)).toBe('match');
    expect(await verifyPassword(Buffer.from('p%C3 +&"\\u'), one, strict)).toBe('mismatch');
  });

  it('bcrypt refuses a password whose end would not count', async () => {
    await expect(hashPassword(Buffer.alloc(73, 'x'), 'BLF-CRYPT')).rejects.toThrow(RangeError);
    const stored = await hashPassword(Buffer.alloc(72, 'x'), 'BLF-CRYPT');
    expect(await verifyPassword(Buffer.alloc(72, 'x'), stored, strict)).toBe('match');
    expect(await verifyPassword(Buffer.alloc(71, 'x'), stored, strict)).toBe('mismatch');
  });

  it('SHA512-CRYPT refuses what crypt(3) would not take as a whole', async () => {
    await expect(hashPassword(Buffer.alloc(512, 'x'), 'SHA512-CRYPT')).rejects.toThrow(RangeError);
    for (const scheme of ['SHA512-CRYPT', 'BLF-CRYPT'] as const)
      await expect(hashPassword(Buffer.from('a\0b'), scheme)).rejects.toThrow(RangeError);
  });

  it.each(hashSchemes)('%s: an empty password is never hashed', async (scheme) => {
    await expect(hashPassword(Buffer.alloc(0), scheme)).rejects.toThrow(RangeError);
  });
});

describe('what a store asks beside', () => {
  const rules = { defaultScheme: 'CRYPT', allowWeak: ['PLAIN'] };

  it('clear text comes out of PLAIN only, and only where PLAIN is allowed', () => {
    expect(clearText('{PLAIN}secret', rules)).toBe('secret');
    expect(clearText('{CLEAR.hex}736563726574', rules)).toBe('secret');
    expect(clearText('{PLAIN}secret', strict)).toBeUndefined();
    expect(clearText('{PLAIN}', rules)).toBeUndefined();
    expect(clearText('{PLAIN.hex}fffe', rules)).toBeUndefined();
    expect(clearText('{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=', rules)).toBeUndefined();
  });

  it('texts of one cost cost the same: scheme and parameters, not the salt', () => {
    const cost = (stored: string): string | undefined => examine(stored, rules).cost;
    const one = '$2y$05$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.';
    expect(cost(one)).toBe(cost(`{BLF-CRYPT}${one.replace('abcdef', 'ABCDEF')}`));
    expect(cost(one)).not.toBe(cost(one.replace('$05$', '$06$')));
    expect(cost('{PLAIN}x')).toBe('PLAIN');
    const argon = '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s';
    expect(cost(argon)).toBe('ARGON2ID m=65536,t=3,p=1');
    expect(cost('{FOO}x')).toBeUndefined();
    expect(cost('{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=')).toBeUndefined();
  });

  it('burning says nothing, whatever it burns', async () => {
    for (const like of ['{PLAIN}x', '{FOO}x', await hashPassword(Buffer.from('x'), 'ARGON2ID')]) {
      await expect(burn(Buffer.from('x'), like, rules)).resolves.toBeUndefined();
    }
  });
});
