import { apiVersion, definePlugin, type Services } from '@postern/contract';
import { Channel, Database, listensOf } from '@postern/sql';
import { ChangeFeed } from './change-feed.js';
import { ChangeTeller } from './change-teller.js';
import { noPasswordRule, schemeRules, sqlConfig, type SqlConfig } from './config.js';
import { adviceOn, statementsOf } from './statements.js';
import { SqlStore } from './store.js';

/** Credential store `sql`: a database with any schema. */
export const sqlPlugin = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'sql',
  config: sqlConfig,
  inspect: (config) => ({ advice: adviceOn(config) }),
  create: (config, services) => {
    const statements = statementsOf(config);
    const database = new Database(config, services, statements.enroll !== undefined);
    const feed = feedOf(config, services);
    return new SqlStore({
      database,
      statements,
      rules: schemeRules(config),
      noPassword: noPasswordRule(config),
      ...(feed === undefined ? {} : { feed }),
    });
  },
});

const feedOf = (config: SqlConfig, { changes, clock, log }: Services): ChangeFeed | undefined => {
  if (config.changes === undefined) return undefined;
  const teller = new ChangeTeller({ changes, clock });
  const channel = new Channel({
    listens: listensOf(config, config.changes.channel),
    connectTimeoutMs: config.connectTimeout,
    timeoutMs: config.timeout,
    clock,
    log,
    hear: (message) => teller.hear(message),
    missed: () => teller.everybody(),
  });
  return new ChangeFeed(channel, teller);
};
