import { unusable } from '../check.js';
import { hmacMd5FromStates, hmacMd5States } from '../hmac-md5.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';

/**
 * Dovecot's way to answer CRAM-MD5 without keeping the password: the two states of HMAC-MD5 after the key. Unsalted, and
 * whoever steals it can log in with CRAM-MD5.
 */
export const cramMd5: Scheme = {
  names: ['CRAM-MD5', 'HMAC-MD5'],
  weak: true,
  encoding: 'hex',
  size: 32,
  open: (data) =>
    data.length === 32
      ? { kind: 'cheap', holds: (password) => sameBytes(hmacMd5States(password), data) }
      : unusable('the CRAM-MD5 hash is not 32 bytes long'),
};

/** The digest that a client gives to a challenge (RFC 2195), from what is stored. `salt`: one character a byte. */
export const answerFromStates = (states: Buffer, salt: string): Buffer => hmacMd5FromStates(states, Buffer.from(salt, 'latin1'));
