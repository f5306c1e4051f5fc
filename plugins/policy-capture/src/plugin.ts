import { apiVersion, definePlugin } from '@postern/contract';
import { captureConfig, inspectionOf } from './config.js';
import { CapturePolicy } from './policy.js';

/** Policy `capture`: keeps in one store the passwords that another one has just found right. */
export const capturePlugin = definePlugin({
  apiVersion,
  role: 'policy',
  use: 'capture',
  config: captureConfig,
  inspect: inspectionOf,
  create: (config, services) => new CapturePolicy(config, services),
});
