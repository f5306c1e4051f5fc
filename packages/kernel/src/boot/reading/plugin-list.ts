import type { ConfigPath, ConfigPlace, Inspection, Plugin } from '@postern/contract';
import { bindConfig } from '@postern/contract';
import { type JsonSchema, jsonSchemaOf, keysAt } from '../json-schema.js';
import type { PluginSource } from '../plugin-source.js';
import { type PluginUse, pluginUseSchema } from '../schema/plugin-use.js';
import { inspectUse } from './inspection.js';
import { loadPlugin } from './load-plugin.js';
import type { ProblemList } from './problem-list.js';
import { messageOf, reportIt } from './plugin-fault.js';
import { readAs } from './read-as.js';
import { own } from './value-at.js';
import { zodProblems } from './zod-problems.js';

/** One entry of the plugin list, as far as it could be read. */
export interface ReadUse {
  readonly index: number;
  /** What could be told of it even if the rest is bad. */
  readonly name: string | undefined;
  readonly use: string | undefined;
  readonly mode: unknown;
  readonly entry: PluginUse | undefined;
  readonly plugin: Plugin | undefined;
  /** Absent when `with` is bad. */
  readonly parsed: { readonly options: unknown; readonly inspection: Inspection | undefined } | undefined;
}

export interface ListContext {
  readonly source: PluginSource;
  readonly place: ConfigPlace;
  readonly schema: JsonSchema;
  readonly problems: ProblemList;
}

/** Reads the plugin list: every entry, whatever is wrong with the others. */
export const readPlugins = async (data: unknown, context: ListContext): Promise<readonly ReadUse[]> => {
  const list = own(data, 'plugins');
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    const hint = 'Each entry begins with "- use: NAME".';
    context.problems.add({ code: 'bad-value', path: ['plugins'], message: 'expected a list', hint });
    return [];
  }
  return Promise.all(list.map((item: unknown, index) => readUse(item, index, context)));
};

const readUse = async (item: unknown, index: number, context: ListContext): Promise<ReadUse> => {
  const base: ConfigPath = ['plugins', index];
  const { value, issues } = await readAs(pluginUseSchema, item);
  addIssues(issues, item, base, (path) => keysAt(context.schema, ['plugins', 0, ...path]), context);
  const use = textOf(item, 'use');
  const plugin = use === undefined || use === '' ? undefined : await loadPlugin(use, [...base, 'use'], context);
  const parsed = plugin === undefined ? undefined : await readOptions(item, plugin, [...base, 'with'], context);
  const entry = value?.data;
  return { index, name: textOf(item, 'as') ?? use, use, mode: own(item, 'mode'), entry, plugin, parsed };
};

const textOf = (item: unknown, key: string): string | undefined => {
  const value = own(item, key);
  return typeof value === 'string' ? value : undefined;
};

type Issues = Parameters<typeof zodProblems>[0];

const addIssues = (
  issues: Issues,
  input: unknown,
  base: ConfigPath,
  keys: (path: ConfigPath) => readonly string[],
  { problems }: ListContext,
): void => zodProblems(issues, { input, base, keysAt: keys }).forEach((problem) => problems.add(problem));

const readOptions = async (item: unknown, plugin: Plugin, base: ConfigPath, context: ListContext): Promise<ReadUse['parsed']> => {
  const written = own(item, 'with');
  const input = written === undefined ? {} : written;
  try {
    const { value, issues } = await readAs(plugin.config, input);
    if (issues.length > 0) addIssues(issues, input, base, keysOf(plugin), context);
    if (value !== undefined) return settle(value.data, item, plugin, base, context);
  } catch (error) {
    context.problems.add({ code: 'plugin-failed', path: base, message: `the plugin's schema threw: ${messageOf(error)}`, hint: reportIt });
  }
  return undefined;
};

const keysOf = (plugin: Plugin): ((path: ConfigPath) => readonly string[]) => {
  const schema = jsonSchemaOf(plugin.config);
  return (path) => keysAt(schema, path);
};

/** Stores that are switched off may have secrets that are no longer there. */
const settle = (options: unknown, item: unknown, plugin: Plugin, base: ConfigPath, { place, problems }: ListContext): ReadUse['parsed'] => {
  const off = own(item, 'mode') === 'off' && plugin.role === 'credential-store';
  if (!off) bindConfig(options, place, base).forEach((problem) => problems.add({ code: 'unbound-value', ...problem }));
  return { options, inspection: inspectUse(plugin, options, base, problems) };
};
