import { apiVersion, definePlugin } from '@postern/contract';
import { adviceOn } from './advice.js';
import { buildStore } from './build.js';
import { ldapConfig } from './config.js';
import { LdapjsDirectory } from './directory.js';

/** Users in an LDAP directory. */
export const ldapPlugin = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'ldap',
  config: ldapConfig,
  inspect: (config) => ({ advice: adviceOn(config) }),
  create: (config, services) =>
    buildStore(config, services, new LdapjsDirectory(services.clock, { connectMs: config.connectTimeout, operationMs: config.timeout })),
});
