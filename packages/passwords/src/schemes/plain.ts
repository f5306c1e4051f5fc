import type { Scheme } from '../scheme.js';
import { sameBytes } from '../same-bytes.js';

/** The password itself. The only scheme from which APOP and CRAM-MD5 can be answered. */
export const plain: Scheme = {
  names: ['PLAIN', 'CLEARTEXT', 'CLEAR'],
  weak: true,
  encoding: 'text',
  open: (data) => ({ kind: 'cheap', holds: (password) => data.length > 0 && sameBytes(password, data) }),
};
