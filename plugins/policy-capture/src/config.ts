import { duration, type Advice, type Inspection } from '@postern/contract';
import type { HashScheme } from '@postern/passwords';
import { z } from 'zod';

const instance = (): z.ZodString => z.string().min(1);

const schemes = {
  argon2id: 'ARGON2ID',
  bcrypt: 'BLF-CRYPT',
  'sha512-crypt': 'SHA512-CRYPT',
  ssha512: 'SSHA512',
} as const satisfies Record<string, HashScheme>;

type SchemeWord = keyof typeof schemes;

/** The plugin's `with`. */
export const captureConfig = z
  .strictObject({
    from: instance().describe('The store that people leave: its name in the plugin list (`as`, or the value of `use`).'),
    into: instance().describe('The store that is to hold the hashes. It has to be able to keep one and to take it away again.'),
    scheme: z
      .enum(Object.keys(schemes) as [SchemeWord, ...SchemeWord[]])
      .prefault('argon2id')
      .describe('What new hashes are made with.'),
    rehash: z
      .boolean()
      .prefault(false)
      .describe('Whether a hash in `into` that is weaker than what `scheme` gives is replaced when its password was typed.'),
    overwrite: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether a hash that was in `into` before, and does not fit a password that `from` took, is replaced, too. `false`: only hashes that were captured; the others are counted as conflicts.',
      ),
    disabledInEither: z
      .boolean()
      .prefault(true)
      .describe('Whether a user whom one of the two lets in is refused when the other one says that the account is disabled or locked.'),
    disabledFor: duration()
      .prefault('0s')
      .describe('How long what the other store said of an account is believed before it is asked again; 0s: it is asked at every login.'),
    lookupTimeout: duration({ min: 10 }).prefault('500ms').describe('How long a login waits for the other store, or for the ledger.'),
    clockSkew: duration()
      .prefault('5s')
      .describe(
        'How far the clocks of the old store and of the gateways may be apart: a password that changed so shortly before counts as newer.',
      ),
    shadows: z
      .array(instance())
      .prefault([])
      .describe(
        'Other instances in the plugin list that ask the same old store (`mode: shadow`): what they call wrong counts as if `from` did.',
      ),
    perSecond: z.int().min(1).max(1000).prefault(20).describe('Hashes made in a second at most, in each process.'),
    atOnce: z
      .int()
      .min(1)
      .max(16)
      .prefault(1)
      .describe('Hashes made at the same time, in each process. Logins share the processor with them.'),
    waiting: z
      .int()
      .min(1)
      .max(100_000)
      .prefault(1000)
      .describe('Passwords that may wait for their hash, in memory. More are left for the next login of their users.'),
  })
  .superRefine(({ from, into }, context) => {
    if (from === into) context.addIssue({ code: 'custom', path: ['into'], message: 'is the same store as `from`' });
  });

export type CaptureConfig = z.output<typeof captureConfig>;

export const schemeOf = ({ scheme }: Pick<CaptureConfig, 'scheme'>): HashScheme => schemes[scheme];

/** What can be said of a config without asking anybody. */
export const inspectionOf = (config: CaptureConfig): Inspection => {
  const lookup = config.disabledInEither ? (['lookup'] as const) : [];
  return {
    stores: [
      { name: config.from, path: ['from'], needs: lookup },
      { name: config.into, path: ['into'], needs: [...lookup, 'enroll', 'kept', 'withdraw'] },
      ...config.shadows.map((name, index) => ({ name, path: ['shadows', index], needs: [] })),
    ],
    answersItself: true,
    keepsLedger: true,
    advice: adviceOn(config),
  };
};

const adviceOn = ({ scheme, rehash, shadows, from, into }: CaptureConfig): readonly Advice[] => [
  ...(scheme === 'ssha512' ? [fastScheme] : []),
  ...(rehash && scheme !== 'argon2id' ? [rehashTo(scheme)] : []),
  ...shadows.flatMap((name, index) => (name === into || name === from ? [noShadow(index, name)] : [])),
];

const fastScheme: Advice = {
  path: ['scheme'],
  severity: 'warning',
  message: 'ssha512 is made to be fast: whoever steals the hashes tries billions of passwords in a second.',
  hint: 'Take argon2id, or bcrypt where the mail servers read nothing newer.',
};

const rehashTo = (scheme: string): Advice => ({
  path: ['rehash'],
  severity: 'warning',
  message: `hashes of every other scheme are replaced by ${scheme}, stronger ones as well.`,
  hint: 'Leave `scheme` at argon2id, or leave `rehash` out.',
});

const noShadow = (index: number, name: string): Advice => ({
  path: ['shadows', index],
  severity: 'error',
  message: `${JSON.stringify(name)} is one of the two stores already.`,
  hint: 'Name only further instances that ask the same old store.',
});
