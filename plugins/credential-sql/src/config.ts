import { databaseFields } from '@postern/sql';
import { isWeakScheme, knownSchemes, type SchemeRules } from '@postern/passwords';
import { z } from 'zod';

const schemeName = (): z.ZodType<string, string> =>
  z
    .string()
    .transform((name) => name.toUpperCase())
    .refine((name) => isWeakScheme(name) !== undefined, { error: `expected one of ${knownSchemes.join(', ')}` });

/** The plugin's `with`. */
export const sqlConfig = z.strictObject({
  url: databaseFields.url,
  query: z
    .string()
    .min(1)
    .describe(
      'One statement that gives the row of a login: `{user}`, `{local}`, `{domain}`, `{protocol}` and `{clientIp}` become bound parameters, without quotes around them. Columns by name: `password`; `enabled` and `user` if there are any; all others become attributes.',
    ),
  lookup: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The same for questions without a login (client certificates, SMTP recipients, `explain`), where `{protocol}` and `{clientIp}` are not known. Absent: `query`, if it does without them.',
    ),
  enroll: z
    .string()
    .min(1)
    .optional()
    .describe(
      'One statement that keeps a new hash: `{password}` is the hash, `{previous}` the one that must still be there (NULL: there must be none), `{attributes.NAME}` an attribute of the account (NULL when it has none). It has to change exactly one row, or none when another was first. Absent: hashes cannot be kept here.',
    ),
  withdraw: z
    .string()
    .min(1)
    .optional()
    .describe(
      'One statement that takes a kept hash away, if it is still `{previous}`; afterwards the password has to be NULL or empty. Absent: `enroll` with `{password}` as NULL.',
    ),
  noPassword: z
    .enum(['reject', 'unknown-user'])
    .optional()
    .describe(
      'What a user whose password is NULL or empty gets: `reject`, as for a wrong password, or `unknown-user`: the next store is asked. Whoever is not enabled is refused all the same. Hashes can be taken away only with `unknown-user`. Default: `unknown-user` with `enroll`, else `reject`.',
    ),
  defaultScheme: schemeName()
    .prefault('CRYPT')
    .describe('Scheme of passwords that are stored without `{SCHEME}`. `CRYPT` reads `$2y$…`, `$6$…` and their like.'),
  allowWeak: z
    .array(schemeName())
    .prefault([])
    .describe('Weak schemes that are taken all the same, for example `[PLAIN, MD5-CRYPT]`. APOP and CRAM-MD5 need `PLAIN`.'),
  changes: z
    .strictObject({
      channel: z
        .string()
        .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected lower-case letters, digits and _')
        .describe('The channel of NOTIFY. A message is a user, `@` and a domain, or `*` for everybody.'),
    })
    .optional()
    .describe('PostgreSQL alone: where the database tells whose password or state changed, so that caches forget it at once.'),
  spread: databaseFields.spread,
  pool: databaseFields.pool,
  timeout: databaseFields.timeout,
  connectTimeout: databaseFields.connectTimeout,
  prepare: databaseFields.prepare,
  tls: databaseFields.tls,
});

export type SqlConfig = z.output<typeof sqlConfig>;

/** Where hashes are kept, a user without one is somebody whose password is still to come. */
export const noPasswordRule = ({ noPassword, enroll }: SqlConfig): 'reject' | 'unknown-user' =>
  noPassword ?? (enroll === undefined ? 'reject' : 'unknown-user');

export const schemeRules = ({ defaultScheme, allowWeak }: SqlConfig): SchemeRules => ({ defaultScheme, allowWeak });
