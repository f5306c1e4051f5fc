import type { Scheme } from '../scheme.js';
import { openCrypt, unreadable } from './crypt-family.js';

export const desCryptShape = /^([./0-9A-Za-z]{2})([./0-9A-Za-z]{11})$/;

/** The crypt(3) of the seventh edition of Unix: seven bits of eight characters, 4096 salts. */
export const desCrypt: Scheme = {
  names: ['DES-CRYPT'],
  weak: true,
  encoding: 'text',
  open: (data) => {
    const [, salt, digest] = desCryptShape.exec(data.toString('latin1')) ?? [];
    return salt === undefined || digest === undefined ? unreadable('DES-CRYPT') : openCrypt({ id: 'des', salt, rounds: 25 }, digest);
  },
};
