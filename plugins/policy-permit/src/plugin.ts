import { apiVersion, definePlugin } from '@postern/contract';
import { permitConfig } from './config.js';
import { PermitPolicy } from './policy.js';

/** Policy `permit`: what an account may do, from where, until when. */
export const permitPlugin = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'permit',
  config: permitConfig,
  create: (config, services) => new PermitPolicy(config, services),
});
