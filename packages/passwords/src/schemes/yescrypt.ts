import { unusable } from '../check.js';
import { libxcrypt } from '../libxcrypt.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';
import { isCryptPassword } from './crypt-family.js';
import { numberOf } from './itoa64.js';

/** `$y$j9T$salt$hash`: a flavour, log2 N and the block size in one letter each, as crypt_gensalt(3) writes them. */
const shape = /^(\$g?y\$j([./0-9A-Za-j])([./0-9A-Za-j])\$[./0-9A-Za-z]{1,86})\$([./0-9A-Za-z]{43})$/;

/** 128 · r · N bytes. */
const mostMemory = 256 * 1024 * 1024;

/** log2 N and the block size are written less one. */
const memoryOf = (logN: string, r: string): number => 128 * (numberOf(r) + 1) * 2 ** (numberOf(logN) + 1);

/** Nothing on npm computes yescrypt; the system's libxcrypt does. */
export const yescrypt: Scheme = {
  names: ['YESCRYPT'],
  weak: false,
  encoding: 'text',
  costOf: (data) => data.toString('latin1').split('$', 3)[2] ?? '',
  open: (data) => {
    const text = data.toString('latin1');
    const [, setting, logN = '', r = ''] = shape.exec(text) ?? [];
    if (setting === undefined) return unusable('the yescrypt hash cannot be read');
    if (memoryOf(logN, r) > mostMemory) return unusable(`the yescrypt hash asks for more than is allowed (${memoryOf(logN, r)} bytes)`);
    const crypt = libxcrypt();
    if (crypt === undefined) return unusable('yescrypt needs the optional package koffi and the system library libxcrypt');
    return {
      kind: 'heavy',
      holds: async (password) => {
        if (!isCryptPassword(password)) return false;
        const computed = await crypt(password, setting);
        if (computed?.startsWith(`${setting}$`) !== true) throw new Error('libxcrypt does not know this kind of hash');
        return sameBytes(Buffer.from(computed), Buffer.from(text));
      },
    };
  },
};
