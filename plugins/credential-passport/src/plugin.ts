import { apiVersion, definePlugin } from '@postern/contract';
import { passportConfig } from './config.js';
import { PassportStore } from './store.js';

/** Credential store `passport`: any Passport strategy for user names and passwords. */
export const passportPlugin = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'passport',
  config: passportConfig,
  create: (config, services) => new PassportStore(config, services),
});
