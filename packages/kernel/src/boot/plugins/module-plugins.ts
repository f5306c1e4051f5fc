import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '@postern/contract';
import { PluginLoadError, type PluginSource } from '../plugin-source.js';
import { importError } from './import-error.js';
import { lendModules, lent } from './lend-modules.js';
import { isPath, resolvePlugin } from './resolve-plugin.js';
import { withoutExit } from './without-exit.js';

/** A module that waits for something in its top level may wait for ever. */
const importMs = 15_000;
/** Node keeps every version of a module that was ever imported; a file rewritten in a loop must not fill the memory. */
const maxVersions = 200;

/** Bundled plugins, and modules from npm packages and files. */
export class ModulePlugins implements PluginSource {
  readonly bundled: ReadonlyMap<string, Plugin>;
  readonly #versions = new Map<string, Set<string>>();

  readonly #importModule: (url: string) => Promise<unknown>;

  /** `importModule`: Node's own `import`; another one for tests. */
  constructor(bundled: ReadonlyMap<string, Plugin>, importModule: (url: string) => Promise<unknown> = importLending) {
    this.bundled = bundled;
    this.#importModule = importModule;
  }

  async load(specifier: string, directory: string): Promise<unknown> {
    const file = resolvePlugin(specifier, directory);
    const url = pathToFileURL(file);
    if (isPath(specifier)) url.search = await this.#version(file);
    try {
      return await withinTime(withoutExit(() => this.#importModule(url.href)));
    } catch (error) {
      throw importError(file, error, lent);
    }
  }

  /** A plugin file that changed is another module, so that a reload sees it. What it imports stays as it was first read. */
  async #version(file: string): Promise<string> {
    const { mtimeMs, size } = await stat(file);
    const version = `v=${Math.round(mtimeMs)}-${size}`;
    const seen = this.#versions.get(file) ?? new Set();
    if (!seen.has(version) && seen.size >= maxVersions) {
      throw new PluginLoadError('import', `the file ${file} changed ${maxVersions} times since the start`, 'Restart the gateway.');
    }
    this.#versions.set(file, seen.add(version));
    return version;
  }
}

const importLending = (url: string): Promise<unknown> => {
  lendModules();
  return import(url);
};

const withinTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish within ${importMs / 1000} s`)), importMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
