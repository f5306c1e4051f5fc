import { unusable, type Unusable } from '../check.js';
import type { Scheme } from '../scheme.js';
import { argon2i, argon2id } from './argon2.js';
import { bcrypt } from './bcrypt.js';
import { bcryptSha256 } from './bcrypt-sha256.js';
import { cramMd5 } from './cram-md5.js';
import { cryptScheme } from './crypt.js';
import { desCrypt } from './des-crypt.js';
import { digests, plainMd5 } from './digests.js';
import { apr1, md5Crypt } from './md5-crypt.js';
import { pbkdf2Blob, pbkdf2Sha1, pbkdf2Sha256, pbkdf2Sha512 } from './pbkdf2.js';
import { plain } from './plain.js';
import { scramSha1, scramSha256 } from './scram.js';
import { scrypt } from './scrypt.js';
import { sha256Crypt, sha512Crypt } from './sha-crypt.js';
import { yescrypt } from './yescrypt.js';

/** Every scheme we can check. A new one is a line here. */
const table: readonly Scheme[] = [
  argon2id,
  argon2i,
  bcrypt,
  bcryptSha256,
  sha512Crypt,
  sha256Crypt,
  yescrypt,
  scrypt,
  pbkdf2Sha1,
  pbkdf2Sha256,
  pbkdf2Sha512,
  pbkdf2Blob,
  scramSha1,
  scramSha256,
  ...digests,
  cramMd5,
  md5Crypt,
  apr1,
  desCrypt,
  plain,
];

const byName = new Map(table.flatMap((scheme) => scheme.names.map((name) => [name, scheme] as const)));

type Reading = (text: string) => Scheme | Unusable;

/** Dovecot's {MD5} holds md5-crypt or the bare digest; that of LDAP servers always the digest. */
const md5Reading: Reading = (text) => (text.startsWith('$1$') ? md5Crypt : plainMd5);

const argon2Reading: Reading = (text) => {
  const scheme = cryptScheme(text);
  return scheme === argon2id || scheme === argon2i ? scheme : unusable('the ARGON2 hash cannot be read');
};

/**
 * Names under which hashes of several kinds stand, told apart by how they begin. Dovecot hands what stands under the names
 * of crypt(3)'s schemes to crypt(3) as it is, and databases rely on it: `{SHA512-CRYPT}$2y$…` works.
 */
const families: ReadonlyMap<string, Reading> = new Map([
  ['CRYPT', cryptScheme],
  ['DES-CRYPT', cryptScheme],
  ['SHA256-CRYPT', cryptScheme],
  ['SHA512-CRYPT', cryptScheme],
  ['MD5', md5Reading],
  // OpenLDAP's pw-argon2.
  ['ARGON2', argon2Reading],
]);

/** Schemes of Dovecot that we know by name only: their hashes are told apart from typing mistakes. */
const foreign: ReadonlySet<string> = new Set(['PLAIN-TRUNC', 'PLAIN-MD4', 'DIGEST-MD5', 'LANMAN', 'NTLM', 'OTP', 'SKEY', 'RPA']);

/** The scheme under a name, upper or lower case. Where a name covers several, this is the one that is called so. */
export const schemeNamed = (name: string): Scheme | undefined => byName.get(name.toUpperCase());

/** How to tell the scheme of a text under a name that covers several; undefined for all other names. */
export const familyNamed = (name: string): Reading | undefined => families.get(name.toUpperCase());

export const isForeignScheme = (name: string): boolean => foreign.has(name.toUpperCase());

/** Names that may stand in braces before a hash. */
export const knownSchemes: readonly string[] = [...new Set([...byName.keys(), ...families.keys()])];

/**
 * Whether a scheme needs the operator's `allowWeak`; undefined for a name that is none. `CRYPT` and `ARGON2` are not schemes
 * of their own and need nothing; what they hold may.
 */
export const isWeakScheme = (name: string): boolean | undefined =>
  schemeNamed(name)?.weak ?? (familyNamed(name) === undefined ? undefined : false);
