import { ConfigError } from './config-error.js';
import type { Generation } from './generation.js';

/**
 * Instances that did not start in the next generation although they are new, or work in the current one. What is down already may
 * stay down: a dead directory must not keep the operator from changing anything else.
 */
export const worseStarts = async (current: Generation, next: Generation): Promise<readonly ConfigError[]> => {
  if (next.notStarted.length === 0) return [];
  const [before, after] = await Promise.all([current.health(), next.health()]);
  return next.notStarted
    .filter(({ name, use }) => {
      const same = current.config.plugins.some((other) => other.name === name && other.use === use);
      return !same || before.instances[name]?.status !== 'down';
    })
    .map(({ name }) => {
      const entry = next.config.plugins.find((other) => other.name === name);
      const { line, column } = entry?.position ?? {};
      const why = after.instances[name]?.note ?? 'it gave no reason';
      const place = { file: next.config.file, path: ['plugins', entry?.index ?? 0], line, column };
      return new ConfigError(
        'start-failed',
        place,
        `the instance ${JSON.stringify(name)} does not start: ${why}`,
        'Mend it and reload again.',
      );
    });
};
