import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';

const shape = /^\$(1|apr1)\$([^$:\n]{0,8})\$([./0-9A-Za-z]{22})$/;
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A thousand rounds take a millisecond or two: the event loop gets a turn after so many. */
const roundsAtOnce = 250;

const md5 = (...parts: readonly Uint8Array[]): Buffer => hash('md5', Buffer.concat(parts), 'buffer');

const firstDigest = (password: Uint8Array, magic: Buffer, salt: Buffer): Buffer => {
  const inner = md5(password, salt, password);
  const filling = Buffer.alloc(password.length, inner);
  const bits: number[] = [];
  for (let rest = password.length; rest > 0; rest >>= 1) bits.push((rest & 1) === 1 ? 0 : (password[0] ?? 0));
  return md5(password, magic, salt, filling, Buffer.from(bits));
};

const nextDigest = (round: number, digest: Buffer, password: Uint8Array, salt: Buffer): Buffer => {
  const [first, last] = round % 2 === 1 ? [password, digest] : [digest, password];
  const parts = [first];
  if (round % 3 !== 0) parts.push(salt);
  if (round % 7 !== 0) parts.push(password);
  return md5(...parts, last);
};

/** The order in which md5-crypt takes the bytes, three at a time, the lowest six bits first. */
const order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

const encode = (digest: Buffer): string => {
  const byte = (index: number): number => digest[index] ?? 0;
  const groups = order.map(([high, middle, low]) => sixBits((byte(high) << 16) | (byte(middle) << 8) | byte(low), 4));
  return groups.join('') + sixBits(byte(11), 2);
};

const sixBits = (value: number, count: number): string =>
  Array.from({ length: count }, (_, index) => alphabet.charAt((value >> (6 * index)) & 63)).join('');

const md5Crypt = async (password: Uint8Array, magic: Buffer, salt: Buffer): Promise<string> => {
  let digest = firstDigest(password, magic, salt);
  for (let round = 0; round < 1000; round += 1) {
    digest = nextDigest(round, digest, password, salt);
    if (round % roundsAtOnce === roundsAtOnce - 1) await setImmediate();
  }
  return encode(digest);
};

const scheme = (name: string, id: '1' | 'apr1'): Scheme => ({
  names: [name],
  weak: true,
  encoding: 'text',
  open: (data) => {
    const [, written, salt = '', digest = ''] = shape.exec(data.toString('latin1')) ?? [];
    if (written !== id) return unusable(`the ${name} hash cannot be read`);
    const [magic, saltBytes, expected] = [Buffer.from(`$${id}$`), Buffer.from(salt, 'latin1'), Buffer.from(digest)];
    return { kind: 'heavy', holds: async (password) => sameBytes(Buffer.from(await md5Crypt(password, magic, saltBytes)), expected) };
  },
});

/** FreeBSD's md5-crypt, and Apache's variant of it that `htpasswd -m` writes. */
export const md5CryptSchemes: readonly [Scheme, Scheme] = [scheme('MD5-CRYPT', '1'), scheme('APR1', 'apr1')];
