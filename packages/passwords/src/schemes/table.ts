import type { Scheme } from '../scheme.js';
import { argon2i, argon2id } from './argon2.js';
import { bcrypt } from './bcrypt.js';
import { digests } from './digests.js';
import { md5CryptSchemes } from './md5-crypt.js';
import { plain } from './plain.js';

/** Every scheme we can check. A new one is a line here. */
const table: readonly Scheme[] = [argon2id, argon2i, bcrypt, ...digests, ...md5CryptSchemes, plain];

const byName = new Map(table.flatMap((scheme) => scheme.names.map((name) => [name, scheme] as const)));

/** Schemes of Dovecot that we know by name only: their hashes are told apart from typing mistakes. */
const foreign: ReadonlySet<string> = new Set(
  `MD5 SHA256-CRYPT SHA512-CRYPT DES-CRYPT SMD5 PLAIN-TRUNC CRAM-MD5 HMAC-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256
  PLAIN-MD4 PLAIN-MD5 LDAP-MD5 LANMAN NTLM OTP SKEY RPA PBKDF2`.split(/\s+/),
);

/** Upper or lower case. `CRYPT` is a family and no scheme of its own: see `cryptScheme`. */
export const schemeNamed = (name: string): Scheme | undefined => byName.get(name.toUpperCase());

export const isForeignScheme = (name: string): boolean => foreign.has(name.toUpperCase());

/** Names that may stand in braces before a hash, the family `CRYPT` included. */
export const knownSchemes: readonly string[] = [...byName.keys(), 'CRYPT'];

/** Whether a scheme needs the operator's `allowWeak`; undefined for a name that is none. `CRYPT` itself is not: what it holds may be. */
export const isWeakScheme = (name: string): boolean | undefined => (name.toUpperCase() === 'CRYPT' ? false : schemeNamed(name)?.weak);
