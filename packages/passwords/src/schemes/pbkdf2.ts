import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';
import { derive, mostIterations } from './derivation.js';

type Algorithm = 'sha1' | 'sha256' | 'sha512';

interface Written {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** In bytes; 389's. */
const longestKey = 256;
const digestSizes: Readonly<Record<Algorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** passlib's base64 has a dot for the plus sign and no padding; 389 Directory Server writes RFC 4648's under the same names. */
const fromDotted = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');

type Read = (data: Buffer) => Written | undefined;

type Form = readonly [shape: RegExp, read: (first: string, second: string, third: string) => Written];

/** `iterations$salt$key`: passlib behind `$pbkdf2-sha256$`, OpenLDAP's pw-pbkdf2 and 389 behind `{PBKDF2-SHA256}`. */
const dotted = (id: string): Form => [
  new RegExp(`^(?:\\$${id}\\$)?([1-9]\\d{0,9})\\$([+./A-Za-z0-9]{0,342}={0,2})\\$([+./A-Za-z0-9]+={0,2})$`),
  (iterations, salt, key) => ({ iterations: Number(iterations), salt: fromDotted(salt), key: fromDotted(key) }),
];

/** Django: the salt is text. */
const django = (id: string): Form => [
  new RegExp(`^${id}\\$([1-9]\\d{0,9})\\$([^$]{1,256})\\$([A-Za-z0-9+/]+=*)$`),
  (iterations, salt, key) => ({ iterations: Number(iterations), salt: Buffer.from(salt, 'latin1'), key: Buffer.from(key, 'base64') }),
];

/** Dovecot: `$1$salt$iterations$key`, the salt as text, the key in hexadecimal. */
const dovecot: Form = [
  /^\$1\$([^$]{1,256})\$([1-9]\d{0,9})\$((?:[0-9a-f]{2})+)$/i,
  (salt, iterations, key) => ({ iterations: Number(iterations), salt: Buffer.from(salt, 'latin1'), key: Buffer.from(key, 'hex') }),
];

/** A reader of hashes in one of these forms. */
const inForms =
  (forms: readonly Form[]): Read =>
  (data) => {
    const text = data.toString('latin1');
    for (const [shape, read] of forms) {
      const [, first, second, third] = shape.exec(text) ?? [];
      if (first !== undefined && second !== undefined && third !== undefined) return read(first, second, third);
    }
    return undefined;
  };

const [blobSalt, blobKey] = [4, 68];
const blobSize = 324;

/** 389 Directory Server since 1.3.6, and FreeIPA: iterations in 4 bytes (the highest first), a salt of 64, a key of 256. */
const blob: Read = (data) =>
  data.length === blobSize
    ? { iterations: data.readUInt32BE(0), salt: data.subarray(blobSalt, blobKey), key: data.subarray(blobKey) }
    : undefined;

/** Blocks are computed one after the other, each with all iterations. */
const work = ({ iterations, key }: Written, digestSize: number): number => iterations * Math.ceil(key.length / digestSize);

interface Writing {
  readonly algorithm: Algorithm;
  readonly encoding: Scheme['encoding'];
  readonly read: Read;
}

/** RFC 8018 with HMAC. */
const scheme = (names: Scheme['names'], { algorithm, encoding, read }: Writing): Scheme => {
  const [name] = names;
  const size = digestSizes[algorithm];
  return {
    names,
    weak: false,
    encoding,
    costOf: (data) => {
      const written = read(data);
      return written === undefined ? '' : `iterations=${work(written, size)}`;
    },
    open: (data) => {
      const written = read(data);
      if (written === undefined || written.iterations === 0) return unusable(`the ${name} hash cannot be read`);
      const { iterations, salt, key } = written;
      if (key.length < 16 || key.length > longestKey) return unusable(`the ${name} hash is not 16 to ${longestKey} bytes long`);
      if (work(written, size) > mostIterations)
        return unusable(`the ${name} hash asks for more than is allowed (${iterations} iterations, at most ${mostIterations})`);
      return { kind: 'heavy', holds: async (password) => sameBytes(await derive(password, salt, iterations, key.length, algorithm), key) };
    },
  };
};

const written = (algorithm: Algorithm, ...forms: readonly Form[]): Writing => ({ algorithm, encoding: 'text', read: inForms(forms) });

export const pbkdf2Sha1 = scheme(['PBKDF2', 'PBKDF2-SHA1'], written('sha1', dovecot, dotted('pbkdf2'), django('pbkdf2_sha1')));
export const pbkdf2Sha256 = scheme(['PBKDF2-SHA256'], written('sha256', dotted('pbkdf2-sha256'), django('pbkdf2_sha256')));
export const pbkdf2Sha512 = scheme(['PBKDF2-SHA512'], written('sha512', dotted('pbkdf2-sha512')));
export const pbkdf2Blob = scheme(['PBKDF2_SHA256'], { algorithm: 'sha256', encoding: 'base64', read: blob });
