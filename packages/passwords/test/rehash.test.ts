import { describe, expect, it } from '@jest/globals';
import { hashPassword, hashSchemes, needsRehash } from '../src/index.js';

const salt = '98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s';
const bcrypt = (cost: string): string => `$2y$${cost}$abcdefghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.`;

describe('whether a password should be hashed anew', () => {
  it.each(hashSchemes)('%s: not what was just made under the policy, and always what was not', async (scheme) => {
    const stored = await hashPassword(Buffer.from('x'), scheme);
    for (const wanted of hashSchemes) expect(needsRehash(stored, { scheme: wanted, defaultScheme: 'CRYPT' })).toBe(wanted !== scheme);
    expect(needsRehash('{PLAIN}x', { scheme, defaultScheme: 'CRYPT' })).toBe(true);
    expect(needsRehash('x', { scheme, defaultScheme: 'PLAIN' })).toBe(true);
  });

  it.each([
    ['ARGON2ID', `$argon2id$v=19$m=4096,t=3,p=1$${salt}`, true],
    ['ARGON2ID', `$argon2id$v=16$m=65536,t=3,p=1$${salt}`, true],
    ['ARGON2ID', `{ARGON2I}$argon2i$v=19$m=65536,t=3,p=1$${salt}`, true],
    ['ARGON2ID', `$argon2id$v=19$m=65536,t=1,p=1$${salt}`, false],
    ['ARGON2ID', `argon2$argon2id$v=19$m=102400,t=2,p=8$${salt}`, false],
    ['BLF-CRYPT', bcrypt('09'), true],
    ['BLF-CRYPT', `{CRYPT}${bcrypt('12')}`, false],
    ['SHA512-CRYPT', `$6$saltsalt$${'a'.repeat(86)}`, true],
    ['SHA512-CRYPT', `$6$rounds=656000$saltsalt$${'a'.repeat(86)}`, false],
    ['SSHA512', `{SSHA512}${Buffer.alloc(68).toString('base64')}`, true],
    ['SSHA512', `{SSHA512.hex}${Buffer.alloc(80).toString('hex')}`, false],
  ] as const)('%s wanted, %s kept: %s', (scheme, stored, needed) => {
    expect(needsRehash(stored, { scheme, defaultScheme: 'CRYPT' })).toBe(needed);
  });

  it('never for a locked account, nor for what cannot be read', () => {
    for (const stored of ['!', '*LK*', `!${bcrypt('05')}`, '{CRYPT}!', '{FOO}x', '', '{SHA}short', bcrypt('31')]) {
      expect(needsRehash(stored, { scheme: 'ARGON2ID', defaultScheme: 'CRYPT' })).toBe(false);
    }
  });
});
