import { asciiDomain, filePath } from '@postern/contract';
import { isWeakScheme, knownSchemes, type SchemeRules } from '@postern/passwords';
import { z } from 'zod';
import { inlineUsers, type InlineUser } from './inline-users.js';
import { userKey } from './user-key.js';

const schemeName = (): z.ZodType<string, string> =>
  z
    .string()
    .transform((name) => name.toUpperCase())
    .refine((name) => isWeakScheme(name) !== undefined, { error: `expected one of ${knownSchemes.join(', ')}` });

const domainName = (): z.ZodType<string, string> =>
  z.string().transform((text, context) => {
    const domain = asciiDomain(text);
    if (domain !== undefined) return domain;
    context.addIssue({ code: 'custom', message: 'expected a domain such as example.org' });
    return z.NEVER;
  });

const fileFormats = ['passwd-file', 'htpasswd'] as const;

/** Names of one user, written twice. */
const twins = (users: readonly InlineUser[], domain: string | undefined): (readonly [name: string, twin: string])[] => {
  const seen = new Map<string, string>();
  return users.flatMap(({ name }) => {
    const key = userKey(name, domain) ?? name;
    const twin = seen.get(key);
    seen.set(key, twin ?? name);
    return twin === undefined ? [] : [[name, twin] as const];
  });
};

/** The plugin's `with`. */
export const staticConfig = z
  .strictObject({
    users: inlineUsers()
      .optional()
      .describe('Users by login: `"{SCHEME}hash"`, or `{ password, enabled, attributes }`. Either this or `file`.'),
    file: filePath().optional().describe('A file of users, read again when it changes. Either this or `users`.'),
    format: z
      .enum(fileFormats)
      .optional()
      .describe('What `file` is written in: Dovecot’s `passwd-file` (the default) or Apache’s `htpasswd`.'),
    domain: domainName()
      .optional()
      .describe('Added to users in the list that are written without a domain. Absent: they match logins without one.'),
    defaultScheme: schemeName()
      .prefault('CRYPT')
      .describe('Scheme of passwords that are written without `{SCHEME}`. `CRYPT` reads `$2y$…` and its like.'),
    allowWeak: z
      .array(schemeName())
      .prefault([])
      .describe('Weak schemes that are taken all the same, for example `[SHA, APR1]`. `PLAIN` needs no mention here.'),
  })
  .superRefine((config, context) => {
    if ((config.users === undefined) === (config.file === undefined)) {
      context.addIssue({ code: 'custom', message: 'expected either `users` or `file`' });
    }
    for (const [name, twin] of twins(config.users?.all ?? [], config.domain)) {
      const message = `is the same user as ${JSON.stringify(twin)}: users are compared in lower case, with their domain`;
      context.addIssue({ code: 'custom', path: ['users', name], message });
    }
    if (config.format !== undefined && config.file === undefined) {
      context.addIssue({ code: 'custom', path: ['format'], message: '`format` is for `file`' });
    }
  });

export type StaticConfig = z.output<typeof staticConfig>;

/** {PLAIN} is taken without a word in `allowWeak`: whoever writes it into a list of users means it. */
export const schemeRules = (config: StaticConfig): SchemeRules => ({
  defaultScheme: config.defaultScheme,
  allowWeak: ['PLAIN', ...config.allowWeak],
});
