import { duration, filePath, secret, template, templateVariables, textMap, type Template } from '@postern/contract';
import { isWeakScheme, knownSchemes } from '@postern/passwords';
import { z } from 'zod';
import { isDnTemplate, looksLikeDn } from './dn-template.js';
import { filterField } from './filter/filter-field.js';
import { serverUrl, type ServerUrl } from './server-url.js';

const attributeName = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/;

const dn = (): z.ZodType<string, string> =>
  z
    .string()
    .refine(looksLikeDn, 'expected a DN such as ou=people,dc=example,dc=org; characters with a meaning of their own are written \\2c');

const schemeName = (): z.ZodType<string, string> =>
  z
    .string()
    .transform((name) => name.toUpperCase())
    .refine((name) => isWeakScheme(name) !== undefined, { error: `expected one of ${knownSchemes.join(', ')}` });

const attributeText = z.string().regex(attributeName, 'expected the name of an attribute');

const bindFields = z.strictObject({
  dn: z.string().min(1).describe('Its DN, or in Active Directory `name@domain`.'),
  password: secret().describe('Its password.'),
});

const tlsFields = z
  .strictObject({
    ca: filePath().optional().describe('PEM file with the authorities to trust, in place of the system’s.'),
    cert: filePath().optional().describe('PEM file with a certificate of ours, for directories that ask for one.'),
    key: filePath().optional().describe('PEM file with its key.'),
    serverName: z.string().min(1).optional().describe('Name that the directory’s certificate must bear. Absent: the host of `url`.'),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2').describe('Older versions are not spoken.'),
  })
  .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), 'expected `cert` and `key` together');

const poolFields = z.strictObject({
  search: z.int().min(1).max(100).prefault(4).describe('Connections that search, as the service account.'),
  bind: z.int().min(1).max(100).prefault(4).describe('Connections that try passwords.'),
  idle: duration({ min: 1000 }).prefault('1m').describe('A connection that nobody used for so long is closed.'),
  age: duration({ min: 1000 }).prefault('10m').describe('No connection is used for longer: so logins find back to the first `url`.'),
  waiting: z
    .int()
    .min(1)
    .max(100_000)
    .prefault(1000)
    .describe('Logins that may wait for a connection of each pool; more are deferred at once.'),
});

/** The plugin's `with`. */
export const ldapConfig = z
  .strictObject({
    url: z
      .union([serverUrl().transform((one) => [one]), z.array(serverUrl()).min(1)])
      .describe('`ldap://HOST` or `ldaps://HOST`, one or a list: the first that can be reached is asked.'),
    startTls: z.boolean().prefault(false).describe('Encrypts `ldap://` before anything else is said, or says nothing.'),
    tls: tlsFields.prefault({}).describe('What certificates are held against.'),
    check: z
      .enum(['search-bind', 'template', 'verify-here'])
      .prefault('search-bind')
      .describe(
        '`search-bind`: find the entry, then log in as it. `template`: log in as `dn` right away. `verify-here`: find the entry and check the hash that it keeps.',
      ),
    base: z
      .union([z.literal(''), dn()])
      .optional()
      .describe('Where to search. Needed unless `check` is `template`. Empty: everywhere, as the global catalog of Active Directory can.'),
    scope: z
      .enum(['sub', 'one', 'base'])
      .prefault('sub')
      .describe('`sub`: everything below `base`; `one`: directly below; `base`: that entry alone.'),
    filter: filterField()
      .prefault('(mail={user})')
      .describe('Finds the one entry of a login. `{user}`, `{local}`, `{domain}`, `{protocol}`, `{clientIp}`, escaped as need be.'),
    bind: bindFields.optional().describe('The service account that searches. Absent: nobody, where the directory lets anybody search.'),
    dn: template()
      .optional()
      .describe(
        'For `template`: the DN to log in as, such as `uid={local},ou=people,dc=example,dc=org`; for Active Directory also `{user}`.',
      ),
    attributes: textMap()
      .optional()
      .describe('What to keep of the entry: our names and the directory’s, `{ host: mailHost }`. `user` becomes the canonical user.'),
    require: filterField()
      .optional()
      .describe('Who does not match is refused although the password is right, for example `(memberOf=cn=mail,…)`.'),
    disabled: filterField().optional().describe('Who matches is disabled, for example `(nsAccountLock=TRUE)`.'),
    passwordAttribute: attributeText.prefault('userPassword').describe('For `verify-here`: where the hash is.'),
    defaultScheme: schemeName()
      .prefault('PLAIN')
      .describe('For `verify-here`: scheme of passwords that are kept without `{SCHEME}`; RFC 2307 says clear text.'),
    allowWeak: z
      .array(schemeName())
      .prefault([])
      .describe('For `verify-here`: weak schemes that are taken all the same, for example `[SSHA, PLAIN]`.'),
    lockedFor: duration()
      .optional()
      .describe('How long `pwdAccountLockedTime` counts (`pwdLockoutDuration` of the policy). Absent: until it is gone.'),
    passwordChanged: z
      .union([z.enum(['auto', 'off']), attributeText])
      .prefault('auto')
      .describe(
        'Where the entry says when its password was changed last; the account gets it as `passwordChangedAt`. `auto`: `pwdChangedTime`, `pwdUpdateTime`, `pwdLastSet`, `krbLastPwdChange` or `shadowLastChange`, whichever there is. `off`: nowhere. Or the name of an attribute.',
      ),
    decoy: z
      .union([z.literal(false), dn()])
      .optional()
      .describe(
        'For `search-bind`: a DN that is tried with a random password when there is no entry, so that unknown users take as long. Absent: one below `base` that does not exist. `false`: none.',
      ),
    pool: poolFields.prefault({}).describe('Connections at once.'),
    timeout: duration({ min: 10 }).prefault('2s').describe('For each answer of the directory. Keep it below `nginx.deadline`.'),
    connectTimeout: duration({ min: 10 }).prefault('1s').describe('For each try to connect, TLS included; then the next `url` is tried.'),
  })
  .superRefine((config, context) => {
    for (const { path, message } of contradictions(config)) context.addIssue({ code: 'custom', path: [...path], message });
  });

export type LdapConfig = z.output<typeof ldapConfig>;

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

interface Fields {
  readonly url: readonly ServerUrl[];
  readonly startTls: boolean;
  readonly check: 'search-bind' | 'template' | 'verify-here';
  readonly base?: string | undefined;
  readonly dn?: Template | undefined;
  readonly filter: { readonly variables: readonly string[] };
  readonly attributes?: ReadonlyMap<string, string> | undefined;
}

const contradictions = (config: Fields): readonly Contradiction[] => [
  ...(config.check === 'template' ? ofTemplate(config) : ofSearch(config)),
  ...(config.startTls && config.url.some((url) => url.secure)
    ? [{ path: ['startTls'], message: 'is for ldap:// alone: ldaps:// is encrypted from the start' }]
    : []),
  ...[...(config.attributes ?? [])]
    .filter(([, name]) => !attributeName.test(name))
    .map(([ours, name]) => ({ path: ['attributes', ours], message: `${JSON.stringify(name)} is no attribute's name` })),
];

const ofTemplate = ({ dn: name }: Fields): readonly Contradiction[] => {
  if (name === undefined) return [{ path: ['dn'], message: 'is needed when `check` is `template`' }];
  const known: readonly string[] = templateVariables;
  const unknown = name.variables.find((variable) => !known.includes(variable));
  if (unknown !== undefined) return [{ path: ['dn'], message: `{${unknown}} is not known yet when the directory is asked` }];
  if (!namesSomebody(name.variables))
    return [{ path: ['dn'], message: 'names the same entry for everybody: it has neither {user} nor {local}' }];
  if (!isDnTemplate(name)) return [];
  const sample = name.parts.map((part) => (part.kind === 'text' ? part.text : 'x')).join('');
  return looksLikeDn(sample) ? [] : [{ path: ['dn'], message: 'is no DN once it is filled in' }];
};

const ofSearch = ({ base, dn: name, filter }: Fields): readonly Contradiction[] => [
  ...(base === undefined ? [{ path: ['base'], message: 'is needed to search; only `check: template` does without' }] : []),
  ...(name === undefined ? [] : [{ path: ['dn'], message: 'is for `check: template`' }]),
  ...(namesSomebody(filter.variables)
    ? []
    : [{ path: ['filter'], message: 'finds the same entries for everybody: it has neither {user} nor {local}' }]),
];

const namesSomebody = (variables: readonly string[]): boolean => variables.includes('user') || variables.includes('local');
