import type { BackendConfig, HealthRules } from '../backends/backend.js';
import type { CoreConfig } from './schema/core-config.js';

/** The declared backends and the rules of their checks, as the pool wants them. */
export const backendsOf = (
  core: CoreConfig,
): { readonly backends: readonly BackendConfig[]; readonly health: HealthRules | undefined } => ({
  backends: Object.entries(core.backends).map(([name, { host, imap, pop3, smtp, weight, state, login }]) => ({
    ...{ name, host, weight, state, login },
    ports: { imap, pop3, smtp },
  })),
  health: core.health === 'off' ? undefined : core.health,
});
