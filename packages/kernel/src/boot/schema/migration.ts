import { duration, secretUrl } from '@postern/contract';
import { z } from 'zod';
import { LedgerUrl } from './ledger-url.js';

const percentText = /^(\d{1,3}(?:\.\d{1,4})?)%$/;

/** `0.1%`; the value is a share from 0 to 1. */
export const share = (): z.ZodType<number, string> =>
  z
    .string()
    .regex(percentText, 'expected a share such as 0.1% or 95%')
    .transform((text, context) => {
      const percent = Number(percentText.exec(text)?.[1]);
      if (percent > 100) context.addIssue({ code: 'custom', message: 'must be at most 100%' });
      return percent / 100;
    });

const storeName = (): z.ZodString => z.string().min(1).max(64);

const exit = z
  .strictObject({
    observeFor: duration().prefault('3d').describe('How long logins must have been compared before anything is captured.'),
    mismatches: share()
      .prefault('0.1%')
      .describe(
        'Users, of those compared, about whom the stores may differ; also writes that may fail, and what `from` may still answer at the end.',
      ),
    minCompared: z.int().min(0).max(1_000_000_000).prefault(100).describe('Users that must have been compared.'),
    captured: share().prefault('95%').describe('Active users of a domain whom `into` must be able to answer before the domain is swapped.'),
    stableFor: duration()
      .prefault('7d')
      .describe('How long `into` must have answered without more errors than `from` before the next step.'),
    dormantAfter: duration({ min: 1 }).prefault('90d').describe('A user who did not log in for so long is dormant.'),
  })
  .prefault({})
  .describe('When `postern migrate next` takes a phase for done.');

export const migrationSchema = z
  .strictObject({
    ledger: secretUrl((source) => new LedgerUrl(source))
      .prefault('sqlite:postern-migration.db')
      .describe(
        'Where the book of the migration is: sqlite:PATH beside the config file, postgres://… or mysql://…. All workers and hosts write to one. Opened only while the list has a store in the shadow or a policy that captures.',
      ),
    attributes: z
      .array(z.string().min(1))
      .max(32)
      .prefault(['host'])
      .describe('Attributes of an account that are compared when a store is in the shadow.'),
    from: storeName().optional().describe('The store that is left. Default: what the capture policy says, or the only store that answers.'),
    into: storeName()
      .optional()
      .describe('The store that takes over. Default: what the capture policy says, or the only store in the shadow.'),
    capture: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('The entry of the capture policy while it is not in the list. `postern migrate` puts it here and takes it back.'),
    exit,
  })
  .prefault({})
  .describe('Moving people from one store to another (docs/guides/ldap-to-sql.md).');

export type MigrationConfig = z.output<typeof migrationSchema>;
