import { dirname, resolve } from 'node:path';
import { bindConfig, type ConfigPlace, type Plugin } from '@postern/contract';
import { checkBackends } from './checks/backends.js';
import { checkDoors } from './checks/doors.js';
import { checkOptions } from './checks/options.js';
import { checkRoutes } from './checks/routes.js';
import { checkPluginList } from './checks/plugin-list.js';
import { checkSecrets } from './checks/secrets.js';
import { checkStores } from './checks/stores.js';
import { ConfigError } from './config-error.js';
import { composeSchema, type JsonSchema } from './json-schema.js';
import type { PluginSource } from './plugin-source.js';
import { readConfigFile } from './reading/config-file.js';
import { readPlugins, type ReadUse } from './reading/plugin-list.js';
import { ProblemList } from './reading/problem-list.js';
import { readSections, type Sections } from './reading/sections.js';
import { unknownKey } from './reading/unknown-key.js';
import { isMapping } from './reading/value-at.js';
import { foundWord } from './reading/value-words.js';
import { type Position, YamlText } from './reading/yaml-text.js';
import type { ResolvedConfig, ResolvedUse } from './resolved-config.js';
import { type CoreConfig, coreSections } from './schema/core-config.js';
import { WrittenConfig } from './written-config.js';
import { scrubber, secretTexts, secretValues } from './secrets.js';

/** What reading a config file gave. */
export interface ConfigReading {
  /** Absolute path of the config file. */
  readonly file: string;
  /** What the file held; undefined when it could not be read. Secrets may stand in it. */
  readonly text: string | undefined;
  /** Errors and warnings, in the order of the file. */
  readonly problems: readonly ConfigError[];
  /** Undefined when any of the problems is an error. */
  readonly config: ResolvedConfig | undefined;
  /** JSON Schema of the whole file, with the bundled plugins and those that this file loads. */
  readonly schema: JsonSchema;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads, checks and resolves a config file: parse, compose schema, validate all, resolve names. Reads files and runs the modules of
 * plugins, but opens no network connection and makes no instance. Never rejects for what is in the file. `env` is what
 * `{ env: NAME }` refers to.
 */
export const readConfig = async (file: string, source: PluginSource, env: Environment): Promise<ConfigReading> => {
  const path = resolve(file);
  const reading = await readConfigFile(path);
  if (reading.kind === 'text') return readConfigText(path, reading.text, source, env);
  const problem = new ConfigError('config-unreadable', { file: path, path: [] }, reading.message, reading.hint);
  return { file: path, text: undefined, problems: [problem], config: undefined, schema: composeSchema(source.bundled) };
};

/** The same with a text that was read before. `file` (absolute) is where it lay: what the text names lies beside it, problems name it. */
export const readConfigText = async (file: string, text: string, source: PluginSource, env: Environment): Promise<ConfigReading> => {
  const place: ConfigPlace = { directory: dirname(file), env };
  const yaml = new YamlText(text);
  const problems = new ProblemList((path, at) => yaml.locate(path, at));
  yaml.problems.forEach(({ position, ...problem }) => problems.addAt({ ...problem, path: [] }, position));
  const schema = composeSchema(source.bundled);
  const data = yaml.readable ? mappingOf(yaml.data, problems) : undefined;
  if (data === undefined) return { file, text, problems: problems.sorted(file, (told) => told), config: undefined, schema };

  checkKeys(data, problems);
  const sections = await readSections(data, schema, problems);
  bindConfig(sections, place).forEach((problem) => problems.add({ code: 'unbound-value', ...problem }));
  const uses = await readPlugins(data, { source, place, schema, problems });
  const context = { data, sections, uses, problems };
  for (const check of [checkDoors, checkPluginList, checkBackends, checkSecrets, checkOptions, checkRoutes, checkStores]) check(context);

  const secrets = [sections, ...uses.map(({ parsed }) => parsed?.options)].flatMap((part) => secretValues(part));
  const told = problems.sorted(file, scrubber([...secrets, ...secretTexts(data)]));
  const config = problems.hasErrors ? undefined : resolved(file, data, sections, uses, yaml);
  return { file, text, problems: told, config, schema: composeSchema(loadedPlugins(source, uses)) };
};

/** An empty file is an empty mapping: what it lacks is told by the checks. */
const mappingOf = (data: unknown, problems: ProblemList): Readonly<Record<string, unknown>> | undefined => {
  if (data === undefined) return {};
  if (isMapping(data)) return data;
  problems.add({
    code: 'bad-value',
    path: [],
    message: `expected a mapping, found ${foundWord(data)}`,
    hint: 'Begin with listen:, nginx:, backends: and plugins:.',
  });
  return undefined;
};

const checkKeys = (data: Readonly<Record<string, unknown>>, problems: ProblemList): void => {
  const known = [...Object.keys(coreSections), 'plugins'];
  for (const key of Object.keys(data)) {
    if (!known.includes(key)) problems.add(unknownKey([], key, known));
  }
};

const loadedPlugins = (source: PluginSource, uses: readonly ReadUse[]): ReadonlyMap<string, Plugin> => {
  const plugins = new Map(source.bundled);
  for (const { use, plugin } of uses) if (use !== undefined && plugin !== undefined) plugins.set(use, plugin);
  return plugins;
};

/** Only called without errors, when every section and entry is there. */
const resolved = (
  file: string,
  written: Readonly<Record<string, unknown>>,
  sections: Sections,
  uses: readonly ReadUse[],
  yaml: YamlText,
): ResolvedConfig => {
  const plugins = uses.map((use) => resolvedUse(use, yaml.locate(['plugins', use.index])));
  return { file, core: sections as CoreConfig, plugins, written: new WrittenConfig(written) };
};

const resolvedUse = ({ index, name, use, entry, plugin, parsed }: ReadUse, position: Position | undefined): ResolvedUse => {
  if (name === undefined || use === undefined || entry === undefined || plugin === undefined || parsed === undefined) {
    throw new Error(`plugins[${index}] was taken for good although it was not read`);
  }
  const { when, on = {}, limits, mode = 'answer' } = entry;
  return {
    name,
    use,
    index,
    position,
    plugin,
    mode,
    when,
    on,
    limits,
    options: parsed.options,
    inspection: parsed.inspection ?? {},
  };
};
