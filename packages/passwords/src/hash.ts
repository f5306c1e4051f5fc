import { hashArgon2id } from './schemes/argon2.js';
import { hashBcrypt } from './schemes/bcrypt.js';

/** Schemes that new hashes are made with. */
export const hashSchemes = ['ARGON2ID', 'BLF-CRYPT'] as const;
export type HashScheme = (typeof hashSchemes)[number];

/** A new hash with its `{SCHEME}` before it. Throws a `RangeError` for an empty password, and for one too long for bcrypt. */
export const hashPassword = async (password: Uint8Array, scheme: HashScheme): Promise<string> => {
  if (password.length === 0) throw new RangeError('an empty password cannot be hashed: nobody could log in with it');
  const make = scheme === 'ARGON2ID' ? hashArgon2id : hashBcrypt;
  return `{${scheme}}${await make(password)}`;
};
