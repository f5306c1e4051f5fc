import { definePlugin } from '@postern/contract';
import { DomainConfig } from './config.js';
import { inspectRoutes } from './inspection.js';
import { DomainRouter } from './router.js';

/** Backend router `domain`: a rule per domain, per suffix or per regular expression. */
export const domainPlugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'domain',
  config: DomainConfig,
  inspect: inspectRoutes,
  create: (config, services) => new DomainRouter(config, services),
});
