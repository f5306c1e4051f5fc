import { unusable, type Unusable } from '../check.js';
import type { Scheme } from '../scheme.js';
import { argon2i, argon2id } from './argon2.js';
import { bcrypt } from './bcrypt.js';
import { md5CryptSchemes } from './md5-crypt.js';

const [md5Crypt, apr1] = md5CryptSchemes;

/** `!` and `*` in a password field lock the account on every Unix; no password fits. */
const locked: Scheme = { names: ['LOCKED'], weak: false, encoding: 'text', open: () => ({ kind: 'cheap', holds: () => false }) };

/** crypt(3) tells its algorithms apart by how the hash begins. */
const byBeginning: readonly (readonly [beginning: RegExp, scheme: Scheme | Unusable])[] = [
  [/^[!*]/, locked],
  [/^\$2[abxy]\$/, bcrypt],
  [/^\$argon2id\$/, argon2id],
  [/^\$argon2i\$/, argon2i],
  [/^\$1\$/, md5Crypt],
  [/^\$apr1\$/, apr1],
  [/^\$5\$/, unusable('the scheme SHA256-CRYPT is not supported')],
  [/^\$6\$/, unusable('the scheme SHA512-CRYPT is not supported')],
  [/^\$(?:y|gy|sm3y)\$/, unusable('the scheme yescrypt is not supported')],
  [/^\$7\$/, unusable('the scheme scrypt is not supported')],
  [/^[./0-9A-Za-z]{13}$/, unusable('the scheme DES-CRYPT is not supported')],
];

/** The scheme of a text that crypt(3) would read. */
export const cryptScheme = (text: string): Scheme | Unusable =>
  byBeginning.find(([beginning]) => beginning.test(text))?.[1] ?? unusable('the CRYPT hash cannot be read');

/** Whether a text that names no scheme tells its own: it begins with `$id$`. */
export const tellsItsScheme = (text: string): boolean => /^\$(?:1|2[abxy]|5|6|7|y|gy|sm3y|apr1|argon2id?)\$/.test(text);
