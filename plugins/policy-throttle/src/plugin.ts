import { apiVersion, definePlugin } from '@postern/contract';
import { throttleConfig } from './config.js';
import { ThrottlePolicy } from './policy.js';

/** Policy `throttle`: how many different wrong passwords may be tried. */
export const throttlePlugin = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'throttle',
  config: throttleConfig,
  create: (config, services) => new ThrottlePolicy(config, services),
});
