import { heavyChecks } from './gate.js';
import { hashArgon2id } from './schemes/argon2.js';
import { hashBcrypt } from './schemes/bcrypt.js';
import { hashSsha512 } from './schemes/digests.js';
import { hashSha512Crypt } from './schemes/sha-crypt.js';

/** Schemes that new hashes are made with, the best first. */
export const hashSchemes = ['ARGON2ID', 'BLF-CRYPT', 'SHA512-CRYPT', 'SSHA512'] as const;
export type HashScheme = (typeof hashSchemes)[number];

/**
 * A new hash with its `{SCHEME}` before it. Throws a `RangeError` for an empty password, and for one that the scheme would
 * not take as a whole; `PasswordsBusy` when too many checks wait.
 */
export const hashPassword = async (password: Uint8Array, scheme: HashScheme, signal?: AbortSignal): Promise<string> => {
  if (password.length === 0) throw new RangeError('an empty password cannot be hashed: nobody could log in with it');
  return `{${scheme}}${await make(password, scheme, signal)}`;
};

const make = async (password: Uint8Array, scheme: HashScheme, signal: AbortSignal | undefined): Promise<string> => {
  switch (scheme) {
    case 'ARGON2ID':
      return heavyChecks.run(() => hashArgon2id(password), signal);
    case 'BLF-CRYPT':
      return heavyChecks.run(() => hashBcrypt(password), signal);
    case 'SHA512-CRYPT':
      return heavyChecks.run(() => hashSha512Crypt(password), signal);
    case 'SSHA512':
      return hashSsha512(password);
  }
};
