import { randomInt } from 'node:crypto';
import { unusable } from '../check.js';
import { cryptThreads } from '../crypt-threads.js';
import type { Scheme } from '../scheme.js';
import { isCryptPassword, openCrypt, unreadable } from './crypt-family.js';

/** About a second of a core; passlib writes 656000. Each hash says how many it wants, so a hostile row could ask for 999999999. */
const mostRounds = 1_000_000;

/** What a hash without `rounds=` means. */
const usualRounds = 5000;

const shape = /^\$([56])\$(?:rounds=([1-9]\d{3,8})\$)?([^$:\n]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;

const roundsOf = (data: Buffer): number => Number(shape.exec(data.toString('latin1'))?.[2] ?? usualRounds);

const scheme = (name: string, id: '5' | '6', digestLength: number): Scheme => ({
  names: [name],
  weak: false,
  encoding: 'text',
  costOf: (data) => `rounds=${roundsOf(data)}`,
  strengthOf: roundsOf,
  open: (data) => {
    const [, written, , salt = '', digest = ''] = shape.exec(data.toString('latin1')) ?? [];
    if (written !== id || digest.length !== digestLength) return unreadable(name);
    const rounds = roundsOf(data);
    if (rounds > mostRounds) return unusable(`the ${name} hash asks for more than is allowed (${rounds} rounds, at most ${mostRounds})`);
    return openCrypt({ id, salt, rounds }, digest);
  },
});

export const sha256Crypt = scheme('SHA256-CRYPT', '5', 43);
export const sha512Crypt = scheme('SHA512-CRYPT', '6', 86);

/** Ten times the rounds that crypt(3) takes if nobody says: as much work as bcrypt of cost 10. */
export const newRounds = 50_000;

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Throws a `RangeError` for a password that crypt(3) would not take. */
export const hashSha512Crypt = async (password: Uint8Array): Promise<string> => {
  if (!isCryptPassword(password)) throw new RangeError('SHA512-CRYPT takes at most 511 bytes and no NUL byte; take ARGON2ID for others');
  const salt = Array.from({ length: 16 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  const digest = await cryptThreads.digest({ id: '6', password, salt, rounds: newRounds });
  return `$6$rounds=${newRounds}$${salt}$${digest}`;
};
