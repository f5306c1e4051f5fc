import { createHash } from 'node:crypto';

/** MD5's state: four words. node:crypto computes with it but does not show it. */
type State = readonly [number, number, number, number];

const start: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** RFC 1321, 3.4. */
const sines = Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32));
const turns = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

const mixed = (step: number, b: number, c: number, d: number): readonly [value: number, word: number] => {
  if (step < 16) return [(b & c) | (~b & d), step];
  if (step < 32) return [(b & d) | (c & ~d), (5 * step + 1) % 16];
  if (step < 48) return [b ^ c ^ d, (3 * step + 5) % 16];
  return [c ^ (b | ~d), (7 * step) % 16];
};

/** One block of 64 bytes (RFC 1321, 3.4). */
const compress = (state: State, block: Buffer): State => {
  let [a, b, c, d] = state;
  for (let step = 0; step < 64; step += 1) {
    const [value, word] = mixed(step, b, c, d);
    const sum = (a + value + (sines[step] ?? 0) + block.readUInt32LE(word * 4)) | 0;
    const by = turns[step >> 4]?.[step & 3] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
};

const toBytes = (state: State): Buffer => {
  const bytes = Buffer.alloc(16);
  state.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, index * 4));
  return bytes;
};

const fromBytes = (bytes: Buffer): State => [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)];

/** The MD5 of something whose first block led to `state` and whose rest is `rest`. */
const finish = (state: State, rest: Uint8Array): Buffer => {
  const padding = Buffer.alloc(((119 - (rest.length % 64)) % 64) + 9);
  padding[0] = 0x80;
  padding.writeUInt32LE(((64 + rest.length) * 8) >>> 0, padding.length - 8);
  const bytes = Buffer.concat([rest, padding]);
  let end = state;
  for (let at = 0; at < bytes.length; at += 64) end = compress(end, bytes.subarray(at, at + 64));
  return toBytes(end);
};

/** RFC 2104: the states after the outer and the inner key, 16 bytes each, as Dovecot's {CRAM-MD5} keeps them. */
export const hmacMd5States = (password: Uint8Array): Buffer => {
  const key = Buffer.alloc(64);
  key.set(password.length > 64 ? createHash('md5').update(password).digest() : password);
  const [outer, inner] = [0x5c, 0x36].map((mask) => compress(start, Buffer.from(key.map((byte) => byte ^ mask))));
  return Buffer.concat([toBytes(outer ?? start), toBytes(inner ?? start)]);
};

/** HMAC-MD5 of a message of less than 256 MiB under the key that the states come from. */
export const hmacMd5FromStates = (states: Buffer, message: Uint8Array): Buffer =>
  finish(fromBytes(states.subarray(0, 16)), finish(fromBytes(states.subarray(16, 32)), message));
