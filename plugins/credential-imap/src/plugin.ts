import { apiVersion, definePlugin } from '@postern/contract';
import { adviceOn } from './advice.js';
import { imapConfig } from './config.js';
import { ImapStore } from './store.js';

/** Credential store `imap`: a password is right when an IMAP server lets it in. */
export const imapPlugin = definePlugin({
  apiVersion,
  role: 'credential-store',
  use: 'imap',
  config: imapConfig,
  inspect: (config) => ({ asksRoutes: config.server.kind === 'route', advice: adviceOn(config) }),
  create: (config, services) => new ImapStore(config, services),
});
