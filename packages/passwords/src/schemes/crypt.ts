import { unusable, type Unusable } from '../check.js';
import type { Scheme } from '../scheme.js';
import { argon2i, argon2id } from './argon2.js';
import { bcrypt } from './bcrypt.js';
import { bcryptSha256 } from './bcrypt-sha256.js';
import { desCrypt, desCryptShape } from './des-crypt.js';
import { apr1, md5Crypt } from './md5-crypt.js';
import { pbkdf2Sha1, pbkdf2Sha256, pbkdf2Sha512 } from './pbkdf2.js';
import { scrypt } from './scrypt.js';
import { sha256Crypt, sha512Crypt } from './sha-crypt.js';
import { yescrypt } from './yescrypt.js';

/** `!` and `*` in a password field lock the account on every Unix; no password fits. */
const locked: Scheme = { names: ['LOCKED'], weak: false, encoding: 'text', open: () => ({ kind: 'cheap', holds: () => false }) };

/** How hashes begin that tell their own algorithm: those of crypt(3), of passlib, and of Django. */
const byBeginning: readonly (readonly [beginning: RegExp, scheme: Scheme | Unusable])[] = [
  [/^\$2[abxy]\$/, bcrypt],
  [/^\$argon2id\$/, argon2id],
  [/^\$argon2i\$/, argon2i],
  [/^\$1\$/, md5Crypt],
  [/^\$apr1\$/, apr1],
  [/^\$5\$/, sha256Crypt],
  [/^\$6\$/, sha512Crypt],
  [/^\$g?y\$/, yescrypt],
  [/^\$sm3y\$/, unusable('yescrypt with SM3 is not supported')],
  [/^\$7\$/, scrypt],
  [/^\$bcrypt-sha256\$/, bcryptSha256],
  [/^\$pbkdf2\$/, pbkdf2Sha1],
  [/^\$pbkdf2-sha256\$/, pbkdf2Sha256],
  [/^\$pbkdf2-sha512\$/, pbkdf2Sha512],
  [/^\$scrypt\$/, scrypt],
  [/^argon2\$argon2id\$/, argon2id],
  [/^argon2\$argon2i\$/, argon2i],
  [/^bcrypt\$\$2[ab]\$/, bcrypt],
  [/^bcrypt_sha256\$\$2[ab]\$/, bcryptSha256],
  [/^pbkdf2_sha1\$\d+\$/, pbkdf2Sha1],
  [/^pbkdf2_sha256\$\d+\$/, pbkdf2Sha256],
  [/^scrypt\$\d+\$/, scrypt],
];

const tellingScheme = (text: string): Scheme | Unusable | undefined => byBeginning.find(([beginning]) => beginning.test(text))?.[1];

/** Whether a text that names no scheme tells its own. */
export const tellsItsScheme = (text: string): boolean => tellingScheme(text) !== undefined;

/** The scheme of a text that stands in a field for crypt(3). */
export const cryptScheme = (text: string): Scheme | Unusable => {
  if (/^[!*]/.test(text)) return locked;
  if (desCryptShape.test(text)) return desCrypt;
  return tellingScheme(text) ?? unusable('the CRYPT hash cannot be read');
};
