import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginLoadError } from '../plugin-source.js';
import { messageOf } from '../reading/plugin-fault.js';
import { isMapping } from '../reading/value-at.js';

/**
 * What went wrong while a plugin's file ran: where, if the error knows, and what its author can do about it.
 *
 * `lent`: the packages that the gateway lends to `import`, and cannot lend to `require`.
 */
export const importError = (file: string, error: unknown, lent: readonly string[]): PluginLoadError => {
  const [firstLine = ''] = messageOf(error).split('\n');
  return new PluginLoadError('import', `running ${file} failed${placeOf(file, error)}: ${firstLine}`, hintFor(file, error, lent), error);
};

/** The innermost line that is not Node's; with the file's name where it is another one. */
const placeOf = (file: string, error: unknown): string => {
  for (const [, written = '', line = ''] of textOf(error, 'stack').matchAll(/^ +at (?:.*\()?((?:file:\/\/)?\/[^\n]*?):(\d+):\d+\)?$/gm)) {
    const path = pathOf(written);
    return path === file ? ` at line ${line}` : ` at ${path}:${line}`;
  }
  return '';
};

/** Without the version that a URL of ours carries. */
const pathOf = (written: string): string => {
  try {
    return written.startsWith('file:') ? fileURLToPath(written) : written;
  } catch {
    return written;
  }
};

const hintFor = (file: string, error: unknown, lent: readonly string[]): string => {
  if (textOf(error, 'name') === 'SyntaxError') return `node --check ${file} shows the place.`;
  const missing = missingPackage(error);
  if (missing === undefined) return `Mend the plugin; postern verify ${file} tries it alone.`;
  const install = `npm install ${missing} in ${dirname(file)}.`;
  if (!lent.includes(missing)) return install;
  return `The gateway lends it to import, not to require: write import in a file that ends with .mjs. Or ${install}`;
};

const missingPackage = (error: unknown): string | undefined =>
  textOf(error, 'code').endsWith('MODULE_NOT_FOUND')
    ? /^Cannot find (?:package|module) '((?:@[^/'.]+\/)?[^/'.@][^/']*)/.exec(messageOf(error))?.[1]
    : undefined;

/** Whatever was thrown, from whichever realm. */
const textOf = (error: unknown, key: 'code' | 'name' | 'stack'): string => {
  const value = isMapping(error) ? error[key] : undefined;
  return typeof value === 'string' ? value : '';
};
