import { apiVersion, definePlugin } from '@postern/contract';
import { adviceOn } from './advice.js';
import { schemeRules, staticConfig } from './config.js';
import { sourceOf } from './source.js';
import { StaticStore } from './store.js';

/** Users from the config or from a passwd or htpasswd file. */
export const staticPlugin = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'static',
  config: staticConfig,
  inspect: (config) => ({ advice: adviceOn(config) }),
  create: (config, services) => new StaticStore(sourceOf(config, services), schemeRules(config)),
});
