import { apiVersion, type Plugin } from '@postern/contract';
import { isMapping, own } from '../reading/value-at.js';
import { foundWord } from '../reading/value-words.js';

export type PluginFinding =
  | { readonly kind: 'plugin'; readonly plugin: Plugin }
  | { readonly kind: 'broken'; readonly code: FaultCode; readonly message: string; readonly hint: string };

type FaultCode = 'plugin-missing' | 'plugin-api-version' | 'plugin-shape';

const roles: readonly unknown[] = ['credential-store', 'backend-router', 'policy'];

/** Finds the plugin among a module's exports: `plugin`, the default export, or the only export that looks like one. */
export const findPlugin = (module: unknown): PluginFinding =>
  looking('plugin-missing', () => {
    const found = candidates(module);
    const [plugin] = found;
    if (plugin === undefined) return broken('plugin-missing', noneWords(module), exportIt);
    if (found.length > 1) return broken('plugin-missing', 'the module exports several plugins and none is called plugin', exportIt);
    const { apiVersion: written } = plugin;
    if (written !== apiVersion) return broken('plugin-api-version', ...versionWords(written));
    return looking('plugin-shape', () => checkShape(plugin));
  });

const exportIt = 'Write: export const plugin = definePlugin({ … }).';

/** A getter among the exports may throw. */
const looking = (code: FaultCode, look: () => PluginFinding): PluginFinding => {
  try {
    return look();
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it threw something that is no error';
    return broken(code, `looking at its exports failed: ${why}`, `Export plain values. ${exportIt}`);
  }
};

type Candidate = Readonly<Record<string, unknown>>;

const looksLikePlugin = (value: unknown): value is Candidate =>
  isMapping(value) && 'create' in value && ('apiVersion' in value || 'role' in value);

/** A CommonJS module's exports come as `default`. */
const candidates = (module: unknown): readonly Candidate[] => {
  if (!isMapping(module)) return [];
  const standard = 'default' in module ? module['default'] : undefined;
  const named = [module['plugin'], standard, isMapping(standard) ? standard['plugin'] : undefined].find(looksLikePlugin);
  return named === undefined ? [...new Set(Object.values(module).filter(looksLikePlugin))] : [named];
};

const broken = (code: FaultCode, message: string, hint: string): PluginFinding => ({ kind: 'broken', code, message, hint });

/** What there is where a plugin should be. */
const noneWords = (module: unknown): string => {
  const names = isMapping(module) ? Object.keys(module) : [];
  const meant = ['plugin', 'default'].find((name) => names.includes(name));
  if (meant !== undefined) return `what it exports as ${meant} ${lackWords(own(module, meant))}`;
  return names.length === 0 ? 'the module exports nothing' : `the module exports no plugin, only ${names.slice(0, 5).join(', ')}`;
};

const lackWords = (value: unknown): string => {
  if (!isMapping(value)) return `is ${foundWord(value)} and no plugin`;
  return 'create' in value ? 'has neither apiVersion nor role' : 'has no create';
};

const checkShape = (plugin: Candidate): PluginFinding => {
  const faults = faultsOf(plugin);
  if (faults.length > 0) return broken('plugin-shape', `the plugin is not whole: ${faults.join('; ')}`, exportIt);
  return { kind: 'plugin', plugin: plugin as unknown as Plugin };
};

/** What is wrong with a version that is not ours, and what to do: it depends on which of the two is behind. */
const versionWords = (written: unknown): readonly [message: string, hint: string] => {
  if (typeof written !== 'number') {
    return [`the plugin names no version of the contract; this gateway speaks ${apiVersion}`, `Write apiVersion: ${apiVersion}, a number.`];
  }
  if (written > apiVersion) {
    const message = `the plugin was written for version ${written} of the contract, which is newer than this gateway's ${apiVersion}`;
    return [message, `Update the gateway, or install a version of the plugin for apiVersion ${apiVersion}.`];
  }
  const message = `the plugin was written for version ${written} of the contract; this gateway speaks ${apiVersion}`;
  return [message, `Install a newer version of the plugin; its author changes it to apiVersion: ${apiVersion} (docs/plugins.md).`];
};

const faultsOf = (plugin: Candidate): readonly string[] => {
  const faults: string[] = [];
  if (!roles.includes(plugin['role'])) faults.push(`role must be one of ${roles.join(', ')}`);
  if (typeof plugin['use'] !== 'string' || plugin['use'] === '') faults.push('use must be a text');
  const { config } = plugin;
  if (!isMapping(config) || typeof config['safeParseAsync'] !== 'function') faults.push('config must be a zod 4 schema');
  if (typeof plugin['create'] !== 'function') faults.push('create must be a function');
  if (plugin['inspect'] !== undefined && typeof plugin['inspect'] !== 'function') faults.push('inspect must be a function');
  return faults;
};
