import { apiVersion, definePlugin } from '@postern/contract';
import { Database } from '@postern/sql';
import { schemeRules, sqlConfig } from './config.js';
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
    return new SqlStore({ database, statements, rules: schemeRules(config) });
  },
});
