import { hash, verify } from '@node-rs/bcrypt';
import { unusable } from '../check.js';
import type { Opened, Scheme } from '../scheme.js';

/**
 * bcrypt reads its key round and round with a NUL behind it, so `abc` and `abc`, NUL, `abc` are one password to it. Passwords
 * with a NUL therefore fit nothing.
 *
 * Cost 15 is about two seconds of a core; each step doubles it.
 */
const mostCost = 15;

/** Bytes of a password that bcrypt looks at. */
const bcryptReads = 72;

/** Of new hashes. */
export const newCost = 10;

/** Django writes `bcrypt$` before it. */
const shape = /^(?:bcrypt\$)?\$2([abxy])\$(\d\d)\$([./A-Za-z0-9]{53})$/;

/** `groups` are version, cost, and salt with digest; `keyOf` says what bcrypt is given in place of the password. */
export const openBcrypt = (
  name: string,
  [version, digits, rest]: readonly string[],
  keyOf: (password: Uint8Array) => Uint8Array,
): Opened => {
  if (version === undefined || digits === undefined || rest === undefined) return unusable(`the ${name} hash cannot be read`);
  // $2x$ marks hashes of a faulty implementation; the library would check them as if they were sound ones.
  if (version === 'x') return unusable(`${name} hashes that begin with $2x$ are not supported`);
  const cost = Number(digits);
  if (cost < 4) return unusable(`the ${name} hash has a cost below 4`);
  if (cost > mostCost) return unusable(`the ${name} hash asks for more than is allowed (cost ${cost}, at most ${mostCost})`);
  const text = `$2${version}$${digits.padStart(2, '0')}$${rest}`;
  return { kind: 'heavy', holds: async (password) => !password.includes(0) && (await verify(keyOf(password), text)) };
};

const read = (data: Buffer): readonly string[] => (shape.exec(data.toString('latin1')) ?? []).slice(1);

const costOf = (data: Buffer): number => Number(read(data)[1] ?? 0);

/**
 * `$2a$`, `$2b$` and `$2y$` are the same computation. What stands beyond the 72nd byte of a password is not looked at,
 * here as in Dovecot and Apache: refusing longer ones would lock out people whom their mail server lets in.
 */
export const bcrypt: Scheme = {
  names: ['BLF-CRYPT'],
  weak: false,
  encoding: 'text',
  costOf: (data) => String(costOf(data)),
  strengthOf: costOf,
  open: (data) => openBcrypt('BLF-CRYPT', read(data), (password) => password),
};

/** `$2y$` is what Dovecot and htpasswd write. Throws a `RangeError` for a password that does not count as a whole. */
export const hashBcrypt = async (password: Uint8Array): Promise<string> => {
  if (password.length > bcryptReads) throw new RangeError(`bcrypt looks at ${bcryptReads} bytes only; take ARGON2ID for longer passwords`);
  if (password.includes(0)) throw new RangeError('bcrypt knows no NUL byte; take ARGON2ID');
  return hash(password, { cost: newCost, version: '2y' });
};
