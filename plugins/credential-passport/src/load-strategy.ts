import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { PassportConfig } from './config.js';
import { revealed } from './options.js';
import { isConstructor, isFactory, isStrategy, type Strategy } from './strategy.js';

/** Node's own `import`; another one for tests. */
export type ImportModule = (url: string) => Promise<unknown>;

export const importModule: ImportModule = (url) => import(url);

/** Loads the module and makes the strategy. Rejects with an `Error` for the operator; its message names what to do. */
export const loadStrategy = async (config: PassportConfig, load: ImportModule): Promise<Strategy> => {
  const { strategy, options } = config;
  const found = strategy.inCode ?? exportOf(await imported(strategy.file, load), config);
  if (isStrategy(found)) {
    if (options === undefined) return found;
    throw new Error('`options` are for a constructor or a function, and this export is a strategy already: leave them out');
  }
  const made = await make(found, revealed(options ?? {}) as object);
  if (isStrategy(made)) return made;
  throw new Error('what the export makes is no Passport strategy: it has no `authenticate`');
};

/** A file that changed is another module, so that a reload or the next try sees it. */
const imported = async (file: string, load: ImportModule): Promise<unknown> => {
  const url = pathToFileURL(file);
  const { mtimeMs, size } = statSync(file);
  url.search = `v=${Math.round(mtimeMs)}-${size}`;
  try {
    return await load(url.href);
  } catch (error) {
    throw new Error(`running ${file} failed: ${messageOf(error)}`, { cause: error });
  }
};

const make = async (found: unknown, options: object): Promise<unknown> => {
  try {
    if (isConstructor(found)) return new found(options);
    return isFactory(found) ? await found(options) : undefined;
  } catch (error) {
    const message = messageOf(error);
    const hint = /verif/i.test(message)
      ? '. It needs a function of yours that checks the password: write a module that makes the strategy, and name its path in `strategy`'
      : '';
    throw new Error(`the strategy cannot be made with these options: ${message}${hint}`, { cause: error });
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it threw what is no error');

type Exports = Readonly<Record<string, unknown>>;

/** A CommonJS module's exports come as `default`, and are often a constructor with properties. */
const layersOf = (module: unknown): readonly Exports[] => {
  const top = module as Exports;
  const standard = 'default' in top ? top['default'] : undefined;
  const layered = (typeof standard === 'object' && standard !== null) || typeof standard === 'function';
  return layered ? [top, standard as unknown as Exports] : [top];
};

const usable = (value: unknown): boolean => isStrategy(value) || isConstructor(value);

const exportOf = (module: unknown, { export: wanted, strategy }: PassportConfig): unknown => {
  const layers = layersOf(module);
  const byName = (name: string): unknown => layers.map((layer) => (Object.hasOwn(layer, name) ? layer[name] : undefined)).find(Boolean);
  if (wanted !== undefined) {
    const found = byName(wanted);
    if (usable(found) || isFactory(found)) return found;
    throw new Error(`${strategy.toString()} has no export ${wanted} that is a strategy or makes one; it exports ${namesOf(layers)}`);
  }
  const usual = [byName('strategy'), byName('Strategy'), byName('default')];
  const found = usual.find(usable) ?? usual.find(isFactory);
  if (found !== undefined) return found;
  const all = [...new Set(layers.flatMap((layer) => Object.values(layer)).filter(usable))];
  if (all.length === 1) return all[0];
  const what = all.length === 0 ? 'exports no strategy' : 'exports several strategies';
  throw new Error(`${strategy.toString()} ${what}; name one in \`export\`. It exports ${namesOf(layers)}`);
};

const namesOf = (layers: readonly Exports[]): string => {
  const names = [...new Set(layers.flatMap((layer) => Object.keys(layer)))].filter((name) => name !== 'default').slice(0, 20);
  return names.length === 0 ? 'nothing by name' : names.join(', ');
};
