import { hash, verify } from '@node-rs/bcrypt';
import { unusable } from '../check.js';
import type { Scheme } from '../scheme.js';

/** Cost 15 is about two seconds of a core; each step doubles it. */
const mostCost = 15;

/** Bytes of a password that bcrypt looks at. */
export const bcryptReads = 72;

const shape = /^\$2([abxy])\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * `$2a$`, `$2b$` and `$2y$` are the same computation. What stands beyond the 72nd byte of a password is not looked at,
 * here as in Dovecot and Apache: refusing longer ones would lock out people whom their mail server lets in.
 */
export const bcrypt: Scheme = {
  names: ['BLF-CRYPT'],
  weak: false,
  encoding: 'text',
  costOf: (data) => data.toString('latin1', 4, 6),
  open: (data) => {
    const text = data.toString('latin1');
    const [, version, digits] = shape.exec(text) ?? [];
    if (version === undefined) return unusable('the BLF-CRYPT hash cannot be read');
    // $2x$ marks hashes of a faulty implementation; the library would check them as if they were sound ones.
    if (version === 'x') return unusable('BLF-CRYPT hashes that begin with $2x$ are not supported');
    const cost = Number(digits);
    if (cost < 4) return unusable('the BLF-CRYPT hash has a cost below 4');
    if (cost > mostCost) return unusable(`the BLF-CRYPT hash asks for more than is allowed (cost ${cost}, at most ${mostCost})`);
    return { kind: 'heavy', holds: (password) => verify(password, text) };
  },
};

/** `$2y$` is what Dovecot and htpasswd write. Throws a `RangeError` for a password whose end would not count. */
export const hashBcrypt = async (password: Uint8Array): Promise<string> => {
  if (password.length > bcryptReads) throw new RangeError(`bcrypt looks at ${bcryptReads} bytes only; take ARGON2ID for longer passwords`);
  return hash(password, { cost: 10, version: '2y' });
};
