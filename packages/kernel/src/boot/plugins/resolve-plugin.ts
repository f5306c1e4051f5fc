import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { isMapping, own } from '../reading/value-at.js';
import { PluginLoadError } from '../plugin-source.js';

export const isPath = (specifier: string): boolean => /^\.{0,2}\//.test(specifier);

const packageName = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(\/.+)?$/;
/** As Node's own `import` has them. */
const conditions: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The file of a plugin. `createRequire` alone would not do: it sees only what a package exports for `require`, and plugins are
 * ES modules. Node's own resolver for `import` cannot be asked on behalf of another file. Throws `PluginLoadError`.
 */
export const resolvePlugin = (specifier: string, directory: string): string =>
  isPath(specifier) ? resolveFile(specifier, directory) : resolvePackage(specifier, directory);

const resolveFile = (specifier: string, directory: string): string => {
  const file = resolve(directory, specifier);
  const kind = kindOf(file);
  if (kind === 'file') return file;
  const what = kind === 'folder' ? 'is a folder' : 'is not there';
  throw new PluginLoadError('resolve', `the file ${file} ${what}`, 'Paths are relative to the config file and name a .js or .mjs file.');
};

const resolvePackage = (specifier: string, directory: string): string => {
  const [, name, subpath] = packageName.exec(specifier) ?? [];
  if (name === undefined) {
    const hint = 'A path begins with ./, ../ or /; anything else is a bundled plugin or an npm package.';
    throw new PluginLoadError('resolve', 'this is no name of a plugin', hint);
  }
  const require = createRequire(join(directory, 'postern.yaml'));
  const folder = (require.resolve.paths(name) ?? []).map((modules) => join(modules, name)).find((path) => kindOf(path) === 'folder');
  if (folder === undefined) {
    const isFile = kindOf(resolve(directory, specifier)) === 'file';
    const hint = isFile
      ? `Write ./${specifier} for the file of this name.`
      : `npm install ${name} in the folder of the config file, or mend the name. A path begins with ./, ../ or /.`;
    throw new PluginLoadError('resolve', 'there is no bundled plugin and no installed npm package of this name', hint);
  }
  const file = exportedFile(folder, `.${subpath ?? ''}`, () => require.resolve(specifier));
  if (kindOf(file) === 'file') return file;
  throw new PluginLoadError('resolve', `the package ${name} names ${file}, which is not there`, 'Install or build the package again.');
};

const exportedFile = (folder: string, subpath: string, asNodeDoes: () => string): string => {
  const manifest = readManifest(folder);
  const exported = own(manifest, 'exports');
  const target = exported === undefined ? undefined : exportTarget(exported, subpath);
  if (target !== undefined) return inside(folder, target);
  try {
    return asNodeDoes();
  } catch (error) {
    const message = `the package in ${folder} exports nothing that could be imported as ${subpath}`;
    throw new PluginLoadError('resolve', message, 'Its package.json needs `exports` (or `main`).', error);
  }
};

const readManifest = (folder: string): unknown => {
  const file = join(folder, 'package.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new PluginLoadError('resolve', `${file} cannot be read`, 'Install the package again.', error);
  }
};

/** Exact subpaths only; patterns are left to Node's `require.resolve`. */
const exportTarget = (exported: unknown, subpath: string): string | undefined => {
  const bySubpath = isMapping(exported) && Object.keys(exported).some((key) => key.startsWith('.'));
  return pick(bySubpath ? own(exported, subpath) : subpath === '.' ? exported : undefined);
};

/** The first condition that holds, in the order of the package. */
const pick = (target: unknown): string | undefined => {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(pick).find((found) => found !== undefined);
  if (!isMapping(target)) return undefined;
  for (const [condition, nested] of Object.entries(target)) {
    const found = conditions.has(condition) ? pick(nested) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

const inside = (folder: string, target: string): string => {
  const file = join(folder, target);
  if (target.startsWith('./') && !relative(folder, file).startsWith('..')) return file;
  throw new PluginLoadError('resolve', `${join(folder, 'package.json')} exports a file outside its package`, 'Mend the package.');
};

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
};
