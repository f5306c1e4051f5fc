import { createRequire } from 'node:module';

/** @type {(password: number[], salt: string) => string} */
const desCryptOf = createRequire(import.meta.url)('unix-crypt-td-js');

/**
 * The digest without the two letters of salt.
 * @param {Uint8Array} password
 * @param {string} salt
 */
export const desCrypt = (password, salt) => desCryptOf([...password], salt).slice(2);
