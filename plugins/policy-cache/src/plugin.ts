import { randomBytes } from 'node:crypto';
import { apiVersion, definePlugin } from '@postern/contract';
import { adviceOn, cacheConfig } from './config.js';
import { CachePolicy } from './policy.js';

/** Policy `cache`: remembers answers for a while. */
export const cachePlugin = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'cache',
  config: cacheConfig,
  inspect: (config) => ({ advice: adviceOn(config) }),
  create: (config, services) => new CachePolicy(config, services, config.secret?.reveal() ?? randomBytes(32)),
});
