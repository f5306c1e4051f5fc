import { hash } from 'node:crypto';
import { encode, filledWith, forEachBit, stretch } from './stretch.js';

/**
 * Three columns of byte numbers; each row is turned one step further than the one above it.
 * @param {number} rows
 * @param {number} step
 */
const turned = (rows, step) =>
  Array.from({ length: rows }, (_, row) => {
    const group = [row, row + rows, row + 2 * rows];
    const turn = (row * step) % 3;
    return [...group.slice(turn), ...group.slice(0, turn)];
  });

const orders = { sha256: [...turned(10, 2), [31, 30]], sha512: [...turned(21, 1), [63]] };

/**
 * Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512" (2008), steps 1 to 22.
 * @param {'sha256' | 'sha512'} algorithm
 * @param {Uint8Array} password
 * @param {Uint8Array} salt
 * @param {number} rounds
 */
export const shaCrypt = (algorithm, password, salt, rounds) => {
  /** @param {readonly Uint8Array[]} parts */
  const sha = (...parts) => hash(algorithm, Buffer.concat(parts), 'buffer');
  /** @param {Uint8Array} bytes @param {number} times */
  const repeated = (bytes, times) => sha(filledWith(bytes, bytes.length * times));
  const { length } = password;
  const inner = sha(password, salt, password);
  const first = sha(password, salt, filledWith(inner, length), ...forEachBit(length, inner, password));
  const fromPassword = filledWith(repeated(password, length), length);
  const fromSalt = filledWith(repeated(salt, 16 + (first[0] ?? 0)), salt.length);
  return encode(stretch(algorithm, first, fromPassword, fromSalt, rounds), orders[algorithm]);
};
