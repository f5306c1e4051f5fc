import type { Scheme } from '../scheme.js';
import { openCrypt, unreadable } from './crypt-family.js';

const shape = /^\$(1|apr1)\$([^$:\n]{0,8})\$([./0-9A-Za-z]{22})$/;

const scheme = (name: string, id: '1' | 'apr1'): Scheme => ({
  names: [name],
  weak: true,
  encoding: 'text',
  open: (data) => {
    const [, written, salt = '', digest = ''] = shape.exec(data.toString('latin1')) ?? [];
    return written === id ? openCrypt({ id, salt, rounds: 1000 }, digest) : unreadable(name);
  },
});

/** FreeBSD's md5-crypt, and Apache's variant of it that `htpasswd -m` writes. */
export const md5Crypt = scheme('MD5-CRYPT', '1');
export const apr1 = scheme('APR1', 'apr1');
