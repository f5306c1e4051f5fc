import { scrypt as compute, type ScryptOptions } from 'node:crypto';
import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';
import { isCryptPassword } from './crypt-family.js';
import { fromItoa64, numberOf } from './itoa64.js';

/** Bytes of memory, and N · r · p: about a second of a core. */
const most = { memory: 256 * 1024 * 1024, work: 2 ** 22 } as const;

interface Written {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
  /** Whether crypt(3) made it. */
  readonly crypt: boolean;
}

type Form = readonly [shape: RegExp, read: (groups: readonly string[]) => Written];

const power = (exponent: number): number => 2 ** exponent;

/** crypt(3): one letter of log2 N, five of r, five of p, the salt as text. */
const crypt: Form = [
  /^\$7\$([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5})([^$]{1,256})\$([./0-9A-Za-z]{43})$/,
  ([logN = '', r = '', p = '', salt = '', key = '']) => ({
    N: power(numberOf(logN)),
    r: numberOf(r),
    p: numberOf(p),
    salt: Buffer.from(salt, 'latin1'),
    key: fromItoa64(key),
    crypt: true,
  }),
];

const passlib: Form = [
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]{0,342})\$([A-Za-z0-9+/]{22,86})$/,
  ([logN = '', r, p, salt = '', key = '']) => ({
    N: power(Number(logN)),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
    crypt: false,
  }),
];

/** The salt is text. */
const django: Form = [
  /^scrypt\$(\d{1,10})\$([^$]{1,256})\$(\d{1,9})\$(\d{1,9})\$([A-Za-z0-9+/]{22,86}={0,2})$/,
  ([N, salt = '', r, p, key = '']) => ({
    N: Number(N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'latin1'),
    key: Buffer.from(key, 'base64'),
    crypt: false,
  }),
];

const readWritten = (data: Buffer): Written | undefined => {
  const text = data.toString('latin1');
  for (const [shape, read] of [crypt, passlib, django]) {
    const [whole, ...groups] = shape.exec(text) ?? [];
    if (whole !== undefined) return read(groups);
  }
  return undefined;
};

const computed = (password: Uint8Array, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    compute(password, salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });

/** RFC 7914, in the writings of crypt(3), passlib and Django. */
export const scrypt: Scheme = {
  names: ['SCRYPT'],
  weak: false,
  encoding: 'text',
  costOf: (data) => {
    const { N, r, p } = readWritten(data) ?? { N: 0, r: 0, p: 0 };
    return `N=${N},r=${r},p=${p}`;
  },
  open: (data) => {
    const written = readWritten(data);
    if (written === undefined) return unusable('the scrypt hash cannot be read');
    const { N, r, p, salt, key, crypt } = written;
    if (N < 2 || r < 1 || p < 1 || !Number.isInteger(Math.log2(N))) return unusable('the scrypt hash has parameters that do not exist');
    if (128 * r * (N + p) > most.memory || N * r * p > most.work)
      return unusable(`the scrypt hash asks for more than is allowed (N=${N}, r=${r}, p=${p})`);
    return {
      kind: 'heavy',
      holds: async (password) =>
        (!crypt || isCryptPassword(password)) &&
        sameBytes(await computed(password, salt, key.length, { N, r, p, maxmem: 2 * most.memory }), key),
    };
  },
};
