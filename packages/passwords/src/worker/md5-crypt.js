import { hash } from 'node:crypto';
import { encode, filledWith, forEachBit, stretch } from './stretch.js';

const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]];

/** @param {readonly Uint8Array[]} parts */
const md5 = (...parts) => hash('md5', Buffer.concat(parts), 'buffer');

/**
 * FreeBSD's md5-crypt (magic `$1$`; Poul-Henning Kamp, `lib/libcrypt/crypt-md5.c`) and Apache's variant (`$apr1$`).
 * @param {Uint8Array} password
 * @param {string} magic
 * @param {Uint8Array} salt
 */
export const md5Crypt = (password, magic, salt) => {
  const inner = md5(password, salt, password);
  const bits = Buffer.from(forEachBit(password.length, 0, password[0] ?? 0));
  const first = md5(password, Buffer.from(magic), salt, filledWith(inner, password.length), bits);
  return encode(stretch('md5', first, password, salt, 1000), order);
};
