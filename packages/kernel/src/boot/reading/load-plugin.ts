import type { ConfigPath, Plugin } from '@postern/contract';
import { findPlugin } from '../plugins/plugin-shape.js';
import { PluginLoadError } from '../plugin-source.js';
import { didYouMean } from './nearest.js';
import type { ListContext } from './plugin-list.js';
import { messageOf } from './plugin-fault.js';

/** A bundled plugin, or one that is loaded; undefined when a step broke, which is then among the problems. */
export const loadPlugin = async (use: string, path: ConfigPath, { source, place, problems }: ListContext): Promise<Plugin | undefined> => {
  const bundled = source.bundled.get(use);
  if (bundled !== undefined) return bundled;
  try {
    const finding = findPlugin(await source.load(use, place.directory));
    if (finding.kind === 'plugin') return finding.plugin;
    problems.add({ code: finding.code, path, message: finding.message, hint: finding.hint });
  } catch (error) {
    const failed = asLoadError(error);
    const guess = failed.step === 'resolve' ? didYouMean(use, source.bundled.keys()) : '';
    problems.add({
      code: failed.step === 'resolve' ? 'plugin-unresolvable' : 'plugin-import-failed',
      path,
      message: failed.message,
      hint: [guess, failed.hint].filter((part) => part !== '').join(' '),
    });
  }
  return undefined;
};

const asLoadError = (error: unknown): PluginLoadError =>
  error instanceof PluginLoadError ? error : new PluginLoadError('import', messageOf(error), '', error);
