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

const digestSizes: Readonly<Record<Algorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** passlib's base64: a dot for the plus sign, no padding. */
const fromDotted = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');

type Form = readonly [shape: RegExp, read: (first: string, second: string, third: string) => Written];

/** `iterations$salt$key`: passlib behind `$pbkdf2-sha256$`, OpenLDAP's pw-pbkdf2 behind `{PBKDF2-SHA256}`. */
const dotted = (id: string): Form => [
  new RegExp(`^(?:\\$${id}\\$)?([1-9]\\d{0,9})\\$([./A-Za-z0-9]{0,342})\\$([./A-Za-z0-9]+)$`),
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

const readIn = (forms: readonly Form[], data: Buffer): Written | undefined => {
  const text = data.toString('latin1');
  for (const [shape, read] of forms) {
    const [, first, second, third] = shape.exec(text) ?? [];
    if (first !== undefined && second !== undefined && third !== undefined) return read(first, second, third);
  }
  return undefined;
};

/** Blocks are computed one after the other, each with all iterations. */
const work = ({ iterations, key }: Written, digestSize: number): number => iterations * Math.ceil(key.length / digestSize);

/** RFC 8018 with HMAC. */
const scheme = (names: Scheme['names'], algorithm: Algorithm, forms: readonly Form[]): Scheme => {
  const [name] = names;
  const size = digestSizes[algorithm];
  return {
    names,
    weak: false,
    encoding: 'text',
    costOf: (data) => {
      const written = readIn(forms, data);
      return written === undefined ? '' : `iterations=${work(written, size)}`;
    },
    open: (data) => {
      const written = readIn(forms, data);
      if (written === undefined) return unusable(`the ${name} hash cannot be read`);
      const { iterations, salt, key } = written;
      if (key.length < 16 || key.length > 128) return unusable(`the ${name} hash is not 16 to 128 bytes long`);
      if (work(written, size) > mostIterations)
        return unusable(`the ${name} hash asks for more than is allowed (${iterations} iterations, at most ${mostIterations})`);
      return { kind: 'heavy', holds: async (password) => sameBytes(await derive(password, salt, iterations, key.length, algorithm), key) };
    },
  };
};

export const pbkdf2Sha1 = scheme(['PBKDF2', 'PBKDF2-SHA1'], 'sha1', [dovecot, dotted('pbkdf2'), django('pbkdf2_sha1')]);
export const pbkdf2Sha256 = scheme(['PBKDF2-SHA256'], 'sha256', [dotted('pbkdf2-sha256'), django('pbkdf2_sha256')]);
export const pbkdf2Sha512 = scheme(['PBKDF2-SHA512'], 'sha512', [dotted('pbkdf2-sha512')]);
