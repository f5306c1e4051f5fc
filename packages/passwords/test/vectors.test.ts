import { describe, expect, it } from '@jest/globals';
import { examine, schemeOf, verifyPassword } from '../src/index.js';
import { libxcrypt } from '../src/libxcrypt.js';
import { permissive, type Vector, vectors } from './vectors.js';

const producers = [...new Set(vectors.map(({ producer }) => producer))];

const check = (password: string, stored: string): Promise<unknown> => verifyPassword(Buffer.from(password, 'utf8'), stored, permissive);

/** Schemes that do not look at the end of a long password. */
const cuts = new Set(['BLF-CRYPT', 'DES-CRYPT']);

/** One letter wrong: the first, and in a long password the last, where the scheme looks so far. */
const wrongOnes = ({ password, stored }: Vector): readonly string[] =>
  password.length < 30 || cuts.has(schemeOf(stored, 'CRYPT') ?? '')
    ? [`X${password.slice(1)}`]
    : [`X${password.slice(1)}`, `${password.slice(0, -1)}X`];

const isThere = (stored: string): boolean => schemeOf(stored, 'CRYPT') !== 'YESCRYPT' || libxcrypt() !== undefined;

const expectRight = async (vector: Vector): Promise<void> => {
  const { password, stored } = vector;
  if (!isThere(stored)) return expect(examine(stored, permissive).problem).toContain('koffi');
  expect([stored, await check(password, stored)]).toEqual([stored, 'match']);
  for (const wrong of wrongOnes(vector)) expect([stored, await check(wrong, stored)]).toEqual([stored, 'mismatch']);
};

describe('hashes that other programs made', () => {
  it.each(producers)('%s: the right password fits, and no other', async (producer) => {
    await Promise.all(vectors.filter((vector) => vector.producer === producer).map(expectRight));
  });

  it('cover every scheme, ASCII, Unicode, and passwords of 200 bytes', () => {
    const covered = (test: (password: string) => boolean): Set<string | undefined> =>
      new Set(vectors.filter(({ password }) => test(password)).map(({ stored }) => schemeOf(stored, 'CRYPT')));
    const schemes = [
      ...['ARGON2I', 'ARGON2ID', 'BCRYPT-SHA256', 'BLF-CRYPT', 'CRAM-MD5', 'APR1', 'DES-CRYPT', 'MD5-CRYPT', 'PBKDF2', 'PBKDF2-SHA256'],
      ...[
        'PBKDF2-SHA512',
        'PBKDF2_SHA256',
        'PLAIN',
        'PLAIN-MD5',
        'SCRAM-SHA-1',
        'SCRAM-SHA-256',
        'SCRYPT',
        'SHA',
        'SHA256',
        'SHA256-CRYPT',
        'SHA384',
      ],
      ...['SHA512', 'SHA512-CRYPT', 'SMD5', 'SSHA', 'SSHA256', 'SSHA384', 'SSHA512', 'YESCRYPT'],
    ].sort();
    expect([...covered(() => true)].sort()).toEqual(schemes);
    expect([...covered((password) => password.includes('ö'))].sort()).toEqual(schemes);
    expect([...covered((password) => Buffer.byteLength(password) === 200)].sort()).toEqual(schemes);
  });
});
