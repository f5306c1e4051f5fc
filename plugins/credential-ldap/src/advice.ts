import type { Advice } from '@postern/contract';
import type { LdapConfig } from './config.js';

/** What can be said of a config without a network. */
export const adviceOn = (config: LdapConfig): readonly Advice[] => [...inTheClear(config), ...anyDomain(config), ...unused(config)];

const inTheClear = ({ url, startTls }: LdapConfig): readonly Advice[] =>
  startTls
    ? []
    : url.flatMap((one, index) =>
        one.secure || one.local
          ? []
          : [
              {
                path: url.length === 1 ? ['url'] : ['url', index],
                severity: 'warning' as const,
                message: 'every password goes to this directory in clear text.',
                hint: 'Use ldaps://, or add `startTls: true`.',
              },
            ],
      );

/** `ann@anywhere` would be let in with the password of `ann`, and counted and placed as `ann@anywhere`. */
const anyDomain = ({ check, filter, dn, attributes }: LdapConfig): readonly Advice[] => {
  const option = check === 'template' ? 'dn' : 'filter';
  const variables: readonly string[] = (check === 'template' ? dn : filter)?.variables ?? [];
  if (variables.includes('user') || variables.includes('domain') || attributes?.has('user') === true) return [];
  return [
    {
      path: [option],
      severity: 'warning',
      message: `\`${option}\` leaves the domain of a login open: \`ann@anywhere\` is let in as well as \`ann@example.org\`.`,
      hint: 'Use {user} or {domain}, map the canonical user (`attributes: { user: mail }`), or keep other domains away with `when: { domain: … }`.',
    },
  ];
};

const unused = ({ check, allowWeak, decoy }: LdapConfig): readonly Advice[] => [
  ...(allowWeak.length > 0 && check !== 'verify-here' ? [forAnotherCheck('allowWeak', 'verify-here')] : []),
  ...(decoy !== undefined && check !== 'search-bind' ? [forAnotherCheck('decoy', 'search-bind')] : []),
];

const forAnotherCheck = (option: string, check: string): Advice => ({
  path: [option],
  severity: 'warning',
  message: `\`${option}\` does nothing here: it is for \`check: ${check}\`.`,
  hint: 'Take it out, or change `check`.',
});
