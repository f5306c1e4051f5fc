import { hash } from 'node:crypto';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * `bytes` over and over, `length` bytes long.
 * @param {Uint8Array} bytes
 * @param {number} length
 */
export const filledWith = (bytes, length) => (length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes));

/**
 * One value for each bit of `number`, the lowest first.
 * @template T
 * @param {number} number
 * @param {T} one
 * @param {T} zero
 */
export const forEachBit = (number, one, zero) => {
  const values = [];
  for (let rest = number; rest > 0; rest >>= 1) values.push((rest & 1) === 1 ? one : zero);
  return values;
};

/**
 * The rounds that md5-crypt and sha-crypt have in common. What goes into a round beside the digest of the one before repeats
 * every 2 · 3 · 7 rounds, so each of those inputs is laid out once.
 * @param {'md5' | 'sha256' | 'sha512'} algorithm
 * @param {Buffer} first
 * @param {Uint8Array} password
 * @param {Uint8Array} salt
 * @param {number} rounds
 */
export const stretch = (algorithm, first, password, salt, rounds) => {
  const layout = Array.from({ length: 42 }, (_, round) => {
    const between = [...(round % 3 === 0 ? [] : [salt]), ...(round % 7 === 0 ? [] : [password])];
    const odd = round % 2 === 1;
    const input = Buffer.concat(odd ? [password, ...between, first] : [first, ...between, password]);
    return { input, at: odd ? input.length - first.length : 0 };
  });
  let digest = first;
  for (let round = 0; round < rounds; round += 1) {
    const { input, at } = /** @type {{ input: Buffer, at: number }} */ (layout[round % 42]);
    digest.copy(input, at);
    digest = hash(algorithm, input, 'buffer');
  }
  return digest;
};

/**
 * crypt(3)'s own base64: bytes in the scheme's order, three at a time, the lowest six bits first.
 * @param {Uint8Array} digest
 * @param {readonly (readonly number[])[]} order
 */
export const encode = (digest, order) =>
  order
    .map((group) => {
      const value = group.reduce((bits, index) => (bits << 8) | (digest[index] ?? 0), 0);
      return Array.from({ length: group.length + 1 }, (_, index) => alphabet.charAt((value >> (6 * index)) & 63)).join('');
    })
    .join('');
