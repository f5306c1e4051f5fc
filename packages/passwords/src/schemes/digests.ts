import { createHash } from 'node:crypto';
import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';

type Algorithm = 'sha1' | 'sha256' | 'sha512';

/** A salt of this many bytes is a mistake or an attack on memory, not a salt. */
const longestSalt = 256;

const digestOf = (algorithm: Algorithm, ...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** One round over the bare password: equal passwords look equal, and tables of them exist. */
const unsalted = (names: Scheme['names'], algorithm: Algorithm, size: number): Scheme => ({
  names,
  weak: true,
  encoding: 'base64',
  size,
  open: (data) =>
    data.length === size
      ? { kind: 'cheap', holds: (password) => sameBytes(digestOf(algorithm, password), data) }
      : unusable(`the ${names[0]} hash is not ${size} bytes long`),
});

/** RFC 2307 as LDAP servers and Dovecot write it: the digest of password and salt, then the salt, of any length. */
const salted = (name: string, algorithm: Algorithm, size: number, weak: boolean): Scheme => ({
  names: [name],
  weak,
  encoding: 'base64',
  open: (data) => {
    if (data.length <= size) return unusable(`the ${name} hash is too short to hold a salt`);
    if (data.length > size + longestSalt) return unusable(`the ${name} hash has a salt of more than ${longestSalt} bytes`);
    const salt = data.subarray(size);
    return { kind: 'cheap', holds: (password) => sameBytes(digestOf(algorithm, password, salt), data.subarray(0, size)) };
  },
});

export const digests: readonly Scheme[] = [
  unsalted(['SHA', 'SHA1'], 'sha1', 20),
  unsalted(['SHA256'], 'sha256', 32),
  unsalted(['SHA512'], 'sha512', 64),
  salted('SSHA', 'sha1', 20, true),
  salted('SSHA256', 'sha256', 32, false),
  salted('SSHA512', 'sha512', 64, false),
];
