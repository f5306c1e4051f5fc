import { duration, networks, secret } from '@postern/contract';
import { z } from 'zod';

const second = 1000;
const day = 86_400_000;

const tries = (usual: number) => z.int().min(1).max(5000).prefault(usual).describe('Different wrong passwords in that time.');
const per = (usual: string) =>
  duration({ min: second, max: 7 * day })
    .prefault(usual)
    .describe('The time: a sliding window.');

/** The plugin's `with`. */
export const throttleConfig = z.strictObject({
  user: z
    .strictObject({ tries: tries(10), per: per('15m') })
    .prefault({})
    .describe('Different wrong passwords for one user, from everywhere together. Networks where the user logged in lately stay open.'),
  network: z
    .strictObject({
      tries: tries(50),
      per: per('15m'),
      v4: z.int().min(8).max(32).prefault(32).describe('Prefix length that makes a network of IPv4 addresses.'),
      v6: z.int().min(16).max(128).prefault(64).describe('Prefix length that makes a network of IPv6 addresses.'),
    })
    .prefault({})
    .describe('Different wrong pairs of user and password from one network.'),
  pair: z
    .strictObject({ tries: tries(10), per: per('15m') })
    .optional()
    .describe('Different wrong passwords for one user from one network. Default: as `user`.'),
  penalty: z
    .strictObject({
      first: duration({ min: second, max: 30 * day })
        .prefault('15m')
        .describe('How long the first one lasts; never shorter than the `per` of the limit.'),
      factor: z.number().min(1).max(10).prefault(2).describe('How much longer each following one is.'),
      most: duration({ min: second, max: 30 * day })
        .prefault('4h')
        .describe('The longest. After so much quiet, the next one is a first one again.'),
    })
    .refine(({ first, most }) => most >= first, { path: ['most'], message: 'is shorter than `first`' })
    .prefault({})
    .describe('For how long those who reached a limit are kept out.'),
  guard: z
    .strictObject({
      tries: z.int().min(2).max(1000).prefault(4).describe('Wrong passwords of one user that may reach the stores: below the threshold.'),
      per: duration({ min: second, max: 7 * day })
        .prefault('30m')
        .describe('After how long without a wrong password the directory counts from 0 again.'),
    })
    .optional()
    .describe('Keeps wrong passwords away from a directory that locks accounts. Default: none.'),
  trusted: networks().prefault([]).describe('Networks whose logins are neither counted nor limited, such as the webmail’s.'),
  mode: z
    .enum(['enforce', 'log'])
    .prefault('enforce')
    .describe('`log`: nobody is kept out; log, metrics and `bans list` say who would be.'),
  knownGoodFor: duration({ min: second, max: 366 * day })
    .prefault('30d')
    .describe('How long after a success a user’s network stays open to that user while the limit of `user` is reached.'),
  secret: secret()
    .optional()
    .describe('Key of the digests under which wrong passwords are remembered. Default: a random one, kept in the shared state.'),
});

export type ThrottleConfig = z.output<typeof throttleConfig>;

export interface Limit {
  readonly tries: number;
  /** Milliseconds. */
  readonly per: number;
}
