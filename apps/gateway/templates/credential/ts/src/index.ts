import { definePlugin } from '@postern/contract';
import { Config } from './config.js';
import { ConfiguredPeople } from './people.js';
import { Store } from './store.js';

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'credential-store',
  use: 'PLUGIN_NAME',
  config: Config,
  // Opens nothing: what must be opened is opened in the store's `start`.
  create: (config, services) => new Store(new ConfiguredPeople(config.people), services),
});
