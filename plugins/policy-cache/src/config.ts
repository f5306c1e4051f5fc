import { type Advice, duration, secret, type Secret } from '@postern/contract';
import { z } from 'zod';

const dayMs = 86_400_000;

/** The plugin's `with`. */
export const cacheConfig = z.strictObject({
  ttl: duration({ min: 1, max: 30 * dayMs })
    .prefault('5m')
    .describe('How long a login that was let in is let in again without asking.'),
  negativeTtl: duration({ min: 0, max: dayMs })
    .prefault('1m')
    .describe('How long a no is repeated without asking, for the same password. `0s`: never.'),
  staleFor: duration({ min: 0, max: 30 * dayMs })
    .prefault('0s')
    .describe('How much older than `ttl` a success may be when it is used because no store can tell. `0s`: never.'),
  maxEntries: z
    .int()
    .min(16)
    .max(10_000_000)
    .prefault(100_000)
    .describe(
      'Answers that are kept at most; a quarter of them may be a no. One takes 300 to 400 bytes, and one with long attributes counts as several. What was not used for longest goes.',
    ),
  perAddress: z
    .boolean()
    .prefault(true)
    .describe(
      'Whether an answer is used for the client address alone that it was given for. `false` only where no store and no policy behind the cache looks at the client’s address or name.',
    ),
  secret: secret()
    .optional()
    .describe('Secret that the keys are made with, 16 characters at least. Absent: a random one for each process, which nobody can know.'),
});

export type CacheConfig = z.output<typeof cacheConfig>;

const leastSecretBytes = 16;

/** What can be said of a config without asking anybody. */
export const adviceOn = ({ secret: given }: CacheConfig): readonly Advice[] =>
  given === undefined || !isShort(given)
    ? []
    : [
        {
          path: ['secret'],
          severity: 'error',
          message: `the secret has fewer than ${leastSecretBytes} bytes: it could be guessed.`,
          hint: 'Make one with `openssl rand -hex 32`, or leave it out.',
        },
      ];

const isShort = (given: Secret): boolean => {
  try {
    return Buffer.byteLength(given.reveal()) < leastSecretBytes;
  } catch {
    // That it cannot be read is told where it is bound.
    return false;
  }
};
