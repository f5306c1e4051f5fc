import type { HashScheme } from './hash.js';
import { newStrength } from './schemes/argon2.js';
import { newCost } from './schemes/bcrypt.js';
import { newSalt } from './schemes/digests.js';
import { newRounds } from './schemes/sha-crypt.js';
import { readStored } from './stored.js';

export interface RehashPolicy {
  /** What passwords are to be kept under. */
  readonly scheme: HashScheme;
  /** Of stored texts that name none; as in `SchemeRules`. */
  readonly defaultScheme: string;
}

/** What `hashPassword` makes, as the schemes' `strengthOf` counts. */
const wanted: Readonly<Record<HashScheme, number>> = {
  ARGON2ID: newStrength,
  'BLF-CRYPT': newCost,
  'SHA512-CRYPT': newRounds,
  SSHA512: newSalt,
};

/**
 * Whether a stored password that was just shown to be right should be kept anew: it is of another scheme than wanted, or
 * cheaper to attack than what `hashPassword` makes. False for more than is wanted of the same scheme, for a locked account,
 * and for what cannot be read: nobody knows what would be lost.
 */
export const needsRehash = (stored: string, policy: RehashPolicy): boolean => {
  const read = readStored(stored, policy.defaultScheme);
  if (read.kind === 'unusable' || read.scheme.names[0] === 'LOCKED' || read.scheme.open(read.data).kind === 'unusable') return false;
  if (read.scheme.names[0] !== policy.scheme) return true;
  return (read.scheme.strengthOf?.(read.data) ?? 0) < wanted[policy.scheme];
};
