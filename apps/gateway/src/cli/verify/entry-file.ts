import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../shell.js';
import type { PluginQuestion } from './question.js';

type Mapping = Readonly<Record<string, unknown>>;

/** What is verified and with which options: of a config's entry, or alone. */
export type Entry = Pick<PluginQuestion, 'use' | 'directory' | 'with' | 'backends'>;

/** A path is one even without `./` in front where there is such a file: that is how people type them. Everything else is a package. */
export const pluginAsTyped = (typed: string, directory: string): string => {
  const isPath = /^\.{0,2}\//.test(typed) || (/\.[cm]?js$/.test(typed) && existsSync(resolve(directory, typed)));
  return isPath ? resolve(directory, typed) : typed;
};

/** Without options. */
export const loneEntry = (use: string, directory: string): Entry => ({ use, directory, with: {}, backends: [] });

/** The first entry of a config's plugin list that names this plugin. Throws a `UsageError` when there is none. */
export const configuredEntry = (use: string, file: string): Entry => {
  const directory = dirname(file);
  const data = readMapping(file);
  const list = Array.isArray(data['plugins']) ? (data['plugins'] as readonly unknown[]) : [];
  const found = list.filter(isMapping).find((entry) => typeof entry['use'] === 'string' && sameAs(entry['use'], use, directory));
  if (found === undefined) throw new UsageError(`${file} has no entry with use: ${use}`, 'Add it to its plugins:, or leave --config out.');
  const { backends } = data;
  return { use, directory, with: found['with'] ?? {}, backends: isMapping(backends) ? Object.keys(backends) : [] };
};

const sameAs = (written: string, use: string, directory: string): boolean => written === use || resolve(directory, written) === use;

/** Of a YAML file. Throws a `UsageError` for one that cannot be read or holds something else. */
export const readMapping = (file: string): Mapping => {
  const data = readYaml(file);
  if (isMapping(data)) return data;
  throw new UsageError(`${file} is no mapping`, 'Write KEY: VALUE lines, as docs/plugins shows them.');
};

const readYaml = (file: string): unknown => {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const [why] = (cause as Error).message.split('\n');
    throw new UsageError(`${file} cannot be read: ${why ?? ''}`, 'Mend it, or name another file.');
  }
};

const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
