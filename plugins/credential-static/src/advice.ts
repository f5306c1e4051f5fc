import type { Advice, ConfigPath } from '@postern/contract';
import { type Examined, examine } from '@postern/passwords';
import { schemeRules, type StaticConfig } from './config.js';
import type { InlineUser } from './inline-users.js';

/** What can be said of the users in the config; a file is looked at when it is read. */
export const adviceOn = (config: StaticConfig): readonly Advice[] => {
  const rules = schemeRules(config);
  const all = (config.users?.all ?? []).flatMap((user) => (user.stored === '' ? [] : adviceOnUser(user, examine(user.stored, rules))));
  return unwiseOnce(all);
};

/** Each mistake is told by itself; what is only unwise, once, at the first user who has it. */
const unwiseOnce = (all: readonly Advice[]): readonly Advice[] => {
  const unwise = new Map<string, number>();
  for (const { severity, message } of all) if (severity === 'warning') unwise.set(message, (unwise.get(message) ?? 0) + 1);
  return all.flatMap((one) => {
    if (one.severity === 'error') return [one];
    const users = unwise.get(one.message);
    unwise.delete(one.message);
    if (users === undefined) return [];
    const others = users === 2 ? 'one more user' : `${users - 1} more users`;
    return [users === 1 ? one : { ...one, message: `${one.message} The same goes for ${others}.` }];
  });
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
