import type { StoreSeat } from '../answer/seat.js';
import { ConfigError } from './config-error.js';
import type { ResolvedConfig } from './resolved-config.js';

/** Client certificates and recipients are looked up by user; which stores can do that shows only once they are made. */
export const lookupWarnings = ({ file, core }: ResolvedConfig, stores: readonly StoreSeat[]): readonly ConfigError[] => {
  if (stores.some(({ instance }) => instance.lookup !== undefined)) return [];
  const warnings: ConfigError[] = [];
  if (core.identity.certificateUser !== undefined) {
    const message = 'client certificates will be denied: no credential store in the list can look users up';
    warnings.push(new ConfigError('external-unmapped', { file, path: ['identity', 'certificateUser'] }, message, 'Add a store that can.'));
  }
  if (core.nginx.none?.knownRecipients === true) {
    const message = 'every recipient will be refused for now: no credential store in the list can look users up';
    warnings.push(
      new ConfigError('recipients-unknown', { file, path: ['nginx', 'none', 'knownRecipients'] }, message, 'Add a store that can.'),
    );
  }
  return warnings;
};
