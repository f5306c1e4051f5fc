import type { Advice, ConfigPath } from '@postern/contract';
import { type Examined, examine } from '@postern/passwords';
import { schemeRules, type StaticConfig } from './config.js';
import type { InlineUser } from './inline-users.js';

/** What can be said of the users in the config; a file is looked at when it is read. */
export const adviceOn = (config: StaticConfig): readonly Advice[] => {
  const rules = schemeRules(config);
  return (config.users?.all ?? []).flatMap((user) => (user.stored === '' ? [] : adviceOnUser(user, examine(user.stored, rules))));
};

const adviceOnUser = (user: InlineUser, { scheme, weak, problem }: Examined): Advice[] => {
  const path: ConfigPath = user.mapping ? ['users', user.name, 'password'] : ['users', user.name];
  if (problem !== undefined) return [{ path, severity: 'error', message: `${problem}.`, hint: hintFor(scheme, weak) }];
  if (scheme === 'PLAIN') {
    const message = 'the password stands in the config in clear text.';
    return [
      {
        path,
        severity: 'warning',
        message,
        hint: 'Put the output of `postern hash` in its place; only APOP and CRAM-MD5 need clear text.',
      },
    ];
  }
  const message = `the password is kept under the weak scheme ${scheme ?? ''}.`;
  return weak ? [{ path, severity: 'warning', message, hint: 'Put the output of `postern hash` in its place.' }] : [];
};

const hintFor = (scheme: string | undefined, weak: boolean): string =>
  weak && scheme !== undefined
    ? `Put the output of \`postern hash\` in its place, or add ${scheme} to \`allowWeak\`.`
    : 'Put the output of `postern hash` there; a password in clear text is written {PLAIN}password.';
