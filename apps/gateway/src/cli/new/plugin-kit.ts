import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../shell.js';

/** What a new plugin's package.json asks npm for. */
export interface PluginKit {
  /** Of the contract, as a peer. */
  readonly version: string;
  readonly contract: string;
  readonly testkit: string;
}

/** The packages as the registry has them: those that belong to this gateway. */
export const publishedKit = (): PluginKit => {
  const version = ownVersion();
  return { version, contract: `^${version}`, testkit: `^${version}` };
};

/**
 * Packages that lie in `directory` as `npm run pack` made them, named as seen from the new plugin's `folder`. Throws a `UsageError`
 * when they are not there, or there more than once.
 */
export const packedKit = (directory: string, folder: string): PluginKit => {
  const files = filesIn(directory);
  const file = (name: string): string => `file:${relative(folder, join(directory, tarball(files, name, directory)))}`;
  return { version: ownVersion(), contract: file('contract'), testkit: file('testkit') };
};

const filesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    throw new UsageError(`the folder ${directory} cannot be read`, packIt);
  }
};

const packIt = 'Pack the packages first: npm run pack in a checkout of Postern, then --from .postern/packed.';

const tarball = (files: readonly string[], name: string, directory: string): string => {
  const found = files.filter((file) => file.startsWith(`postern-${name}-`) && file.endsWith('.tgz'));
  const [first, ...others] = found;
  if (first === undefined) throw new UsageError(`there is no postern-${name}-VERSION.tgz in ${directory}`, packIt);
  if (others.length > 0) throw new UsageError(`there are several: ${found.join(', ')} in ${directory}`, 'Leave one version of each.');
  return first;
};

const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
