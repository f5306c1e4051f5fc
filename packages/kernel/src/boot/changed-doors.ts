import { ConfigError } from './config-error.js';
import type { ResolvedConfig } from './resolved-config.js';
import { listenText } from './schema/listen.js';

/** Doors that a reload cannot move without the app's help. */
export const changedDoors = (before: ResolvedConfig, after: ResolvedConfig): readonly ConfigError[] =>
  (['listen', 'proxy', 'operator'] as const)
    .filter((name) => doorText(before, name) !== doorText(after, name))
    .map((name) => {
      const path = name === 'listen' ? [name] : [name, 'listen'];
      return new ConfigError('restart-needed', { file: after.file, path }, 'changed', 'Restart the gateway to open the new address.');
    });

const doorText = ({ core }: ResolvedConfig, name: 'listen' | 'proxy' | 'operator'): string => {
  const addresses = name === 'listen' ? core.listen : core[name]?.listen;
  const tls = name === 'proxy' ? JSON.stringify(core.proxy?.tls ?? null) : '';
  return `${(addresses ?? []).map(listenText).join(' ')} ${tls}`;
};
