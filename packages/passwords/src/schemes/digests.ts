import { hash, randomBytes } from 'node:crypto';
import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';

type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

const sizes: Readonly<Record<Algorithm, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** A salt of this many bytes is a mistake or an attack on memory, not a salt. */
const longestSalt = 256;

/** In one call: for texts as short as these, most of the price of a `Hash` is the object. */
const digestOf = (algorithm: Algorithm, ...parts: readonly Uint8Array[]): Buffer => hash(algorithm, Buffer.concat(parts), 'buffer');

/** One round over the bare password: equal passwords look equal, and tables of them exist. */
const unsalted = (names: Scheme['names'], algorithm: Algorithm): Scheme => {
  const size = sizes[algorithm];
  return {
    names,
    weak: true,
    encoding: 'base64',
    size,
    open: (data) =>
      data.length === size
        ? { kind: 'cheap', holds: (password) => sameBytes(digestOf(algorithm, password), data) }
        : unusable(`the ${names[0]} hash is not ${size} bytes long`),
  };
};

/** RFC 2307 as LDAP servers and Dovecot write it: the digest of password and salt, then the salt, of any length. */
const salted = (name: string, algorithm: Algorithm): Scheme => {
  const size = sizes[algorithm];
  return {
    names: [name],
    weak: algorithm === 'md5',
    encoding: 'base64',
    strengthOf: (data) => data.length - size,
    open: (data) => {
      if (data.length <= size) return unusable(`the ${name} hash is too short to hold a salt`);
      if (data.length > size + longestSalt) return unusable(`the ${name} hash has a salt of more than ${longestSalt} bytes`);
      const salt = data.subarray(size);
      return { kind: 'cheap', holds: (password) => sameBytes(digestOf(algorithm, password, salt), data.subarray(0, size)) };
    },
  };
};

/** Dovecot's two names for the bare digest, in hexadecimal and in base64, and the one of RFC 2307. It reads either writing under each. */
export const plainMd5 = unsalted(['PLAIN-MD5', 'LDAP-MD5', 'MD5'], 'md5');

export const ssha512 = salted('SSHA512', 'sha512');

export const digests: readonly Scheme[] = [
  unsalted(['SHA', 'SHA1'], 'sha1'),
  unsalted(['SHA256'], 'sha256'),
  unsalted(['SHA384'], 'sha384'),
  unsalted(['SHA512'], 'sha512'),
  plainMd5,
  salted('SMD5', 'md5'),
  salted('SSHA', 'sha1'),
  salted('SSHA256', 'sha256'),
  salted('SSHA384', 'sha384'),
  ssha512,
];

/** Bytes of salt in new hashes. */
export const newSalt = 16;

/** In base64: the digest of password and a fresh salt, then the salt. */
export const hashSsha512 = (password: Uint8Array): string => {
  const salt = randomBytes(newSalt);
  return Buffer.concat([digestOf('sha512', password, salt), salt]).toString('base64');
};
