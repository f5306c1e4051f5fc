import { unusable } from '../check.js';
import type { CryptJob } from '../crypt-job.js';
import { cryptThreads } from '../crypt-threads.js';
import { sameBytes } from '../same-bytes.js';
import type { Opened } from '../scheme.js';

/**
 * crypt(3) takes no longer password (CRYPT_MAX_PASSPHRASE_SIZE of libxcrypt, with its NUL), so no hash was made of one. The
 * work grows with the square of the length: this also keeps a long password from being a weapon.
 */
const longest = 511;

/** Whether crypt(3) could have made a hash of it: it also stops at NUL, where another password would begin to fit. */
export const isCryptPassword = (password: Uint8Array): boolean => password.length <= longest && !password.includes(0);

/** A hash to be computed again on a thread and compared. */
export const openCrypt = (job: Omit<CryptJob, 'password'>, digest: string): Opened => {
  const expected = Buffer.from(digest, 'latin1');
  return {
    kind: 'heavy',
    holds: async (password) =>
      isCryptPassword(password) && sameBytes(Buffer.from(await cryptThreads.digest({ ...job, password })), expected),
  };
};

export const unreadable = (name: string): Opened => unusable(`the ${name} hash cannot be read`);
