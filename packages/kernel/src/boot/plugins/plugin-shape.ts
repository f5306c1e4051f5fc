import { apiVersion, type Plugin } from '@postern/contract';
import { isMapping } from '../reading/value-at.js';

export type PluginFinding =
  | { readonly kind: 'plugin'; readonly plugin: Plugin }
  | { readonly kind: 'broken'; readonly code: 'plugin-shape' | 'plugin-api-version'; readonly message: string; readonly hint: string };

const roles: readonly unknown[] = ['credential-store', 'backend-router', 'policy'];

/** Finds the plugin among a module's exports: `plugin`, the default export, or the only export that looks like one. */
export const findPlugin = (module: unknown): PluginFinding => {
  try {
    return check(candidates(module));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it threw something that is no error';
    return broken('plugin-shape', `looking at its exports failed: ${why}`, 'Export plain values.');
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

const broken = (code: 'plugin-shape' | 'plugin-api-version', message: string, hint: string): PluginFinding => ({
  kind: 'broken',
  code,
  message,
  hint,
});

const check = (found: readonly Candidate[]): PluginFinding => {
  const [plugin] = found;
  const exportIt = 'Write: export const plugin = definePlugin({ … }).';
  if (plugin === undefined) return broken('plugin-shape', 'the module exports no plugin', exportIt);
  if (found.length > 1) return broken('plugin-shape', 'the module exports several plugins and none is called plugin', exportIt);
  const { apiVersion: written } = plugin;
  if (written !== apiVersion) return broken('plugin-api-version', ...versionWords(written));
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
