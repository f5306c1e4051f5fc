import type { ConfigPath, Role } from '@postern/contract';
import type { ReadUse } from '../reading/plugin-list.js';
import { own, valueAt } from '../reading/value-at.js';
import type { CheckContext } from './check-context.js';

/** The plugin list as a whole: names, roles, and whether anybody can be let in and placed. */
export const checkPluginList = (context: CheckContext): void => {
  checkNames(context);
  checkStoreOnly(context);
  checkPolicyOrder(context);
  checkRole('credential-store', 'no-store', 'nobody could be let in', 'static, ldap, sql, imap', context);
  checkRole('backend-router', 'no-router', 'nobody could be placed', 'hash, table, domain', context);
};

const checkNames = ({ uses, problems }: CheckContext): void => {
  const first = new Map<string, ReadUse>();
  for (const use of uses) {
    if (use.name === undefined) continue;
    const earlier = first.get(use.name);
    if (earlier === undefined) first.set(use.name, use);
    else {
      const message = `plugins[${earlier.index}] is called ${JSON.stringify(use.name)} too`;
      problems.add({
        code: 'duplicate-instance',
        path: ['plugins', use.index, use.entry?.as === undefined ? 'use' : 'as'],
        message,
        hint: 'Give it a name: as: NAME.',
      });
    }
  }
};

const storeOnly: readonly ConfigPath[] = [['on'], ['limits', 'breaker'], ['mode']];

const checkStoreOnly = ({ uses, data, problems }: CheckContext): void => {
  for (const { plugin, entry, index } of uses) {
    for (const key of storeOnly) {
      // As it is written: a default is nobody's mistake.
      const written = valueAt(data, ['plugins', index, ...key]);
      if (plugin === undefined || plugin.role === 'credential-store' || entry === undefined || written === undefined) continue;
      const message = `is for credential stores; this is a ${plugin.role}`;
      problems.add({ code: 'store-only', path: ['plugins', index, ...key], message, hint: 'Take it out.', at: 'key' });
    }
  }
};

const checkPolicyOrder = ({ uses, problems }: CheckContext): void => {
  const policies = uses.filter(({ plugin }) => plugin?.role === 'policy');
  const answersItself = ({ parsed }: ReadUse): boolean => parsed?.inspection?.answersItself === true;
  for (const [place, use] of policies.entries()) {
    const bypassed = answersItself(use) ? policies.slice(place + 1).filter((other) => !answersItself(other)) : [];
    if (bypassed.length === 0) continue;
    const names = bypassed.map(({ name }) => JSON.stringify(name)).join(', ');
    problems.add({
      code: 'policy-order',
      path: ['plugins', use.index, 'use'],
      message: `may answer by what it asks a store itself, and ${names} behind it would not see that answer`,
      hint: 'Put it behind all other policies.',
    });
  }
};

/** Says nothing while an entry's role is not known: the store may be the one that could not be loaded. */
const checkRole = (role: Role, code: 'no-store' | 'no-router', so: string, known: string, { uses, data, problems }: CheckContext): void => {
  const list = own(data, 'plugins');
  if (list !== undefined && !Array.isArray(list)) return;
  if (uses.some((use) => use.plugin === undefined || (use.plugin.role === role && answers(use)))) return;
  const message = `there is no ${role} in the list, so ${so}`;
  problems.add({ code, path: ['plugins'], message, hint: `Add one, for example: ${known}.` });
};

/** Modes are for stores; `checkStoreOnly` speaks of the others, and one mistake is told once. */
const answers = ({ plugin, mode }: ReadUse): boolean => plugin?.role !== 'credential-store' || (mode !== 'off' && mode !== 'shadow');
