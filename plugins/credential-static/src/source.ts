import type { FollowedFile, Health, Log, Services } from '@postern/contract';
import { examine, type SchemeRules } from '@postern/passwords';
import { schemeRules, type StaticConfig } from './config.js';
import type { InlineUsers } from './inline-users.js';
import { readHtpasswdLine, readPasswdLine } from './line-formats.js';
import type { User } from './user.js';
import { userKey } from './user-key.js';
import { UserList } from './user-list.js';
import { UsualCost } from './usual-cost.js';
import { inWords, readUsersFile, type UsersFileRules } from './users-file.js';

/** Where the users come from. A file that is followed fits; so does a list that never changes. */
export type Source = FollowedFile<UserList>;

/** Opens nothing. */
export const sourceOf = (config: StaticConfig, services: Pick<Services, 'files' | 'log'>): Source => {
  const { users, file } = config;
  if (file !== undefined) return fileSource(file.absolute, config, services);
  if (users === undefined) throw new Error('there are neither users nor a file');
  return new FixedSource(listOf(users, config.domain, schemeRules(config)));
};

const fileSource = (path: string, config: StaticConfig, { files, log }: Pick<Services, 'files' | 'log'>): Source => {
  const rules: UsersFileRules = {
    schemes: schemeRules(config),
    readLine: config.format === 'htpasswd' ? readHtpasswdLine : readPasswdLine,
    domain: config.domain,
  };
  return files.follow(path, (content) => readAndReport(path, content, rules, log));
};

const readAndReport = async (path: string, content: Uint8Array, rules: UsersFileRules, log: Log): Promise<UserList> => {
  const { users, warnings } = await readUsersFile(content, rules);
  if (warnings.length > 0)
    log.warn(`some users cannot log in with a password: ${inWords(warnings)}`, { file: path, lines: warnings.length });
  log.info('the file of users was read', { file: path, users: users.size });
  return users;
};

const listOf = (inline: InlineUsers, domain: string | undefined, rules: SchemeRules): UserList => {
  const users = new Map<string, User>();
  const usual = new UsualCost();
  for (const { name, stored, enabled, attributes } of inline.all) {
    const key = userKey(name, domain);
    if (key === undefined) continue;
    const { scheme, cost } = examine(stored, rules);
    const locked = scheme === 'LOCKED';
    users.set(key, { account: { user: key, attributes }, stored: locked ? '' : stored, enabled });
    if (!locked) usual.note(cost, stored);
  }
  return new UserList(users, usual.stored);
};

class FixedSource implements Source {
  readonly current: UserList;

  constructor(users: UserList) {
    this.current = users;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  health(): Health {
    return { status: 'up' };
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
