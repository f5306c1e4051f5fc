import { bundledPlugins } from '../../plugins.js';
import { UsageError } from '../shell.js';

/** Also the folder's name, and the end of the package's. */
const form = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const maxLength = 40;

/** The name as it was given. Throws a `UsageError` when no plugin can be called so. */
export const pluginName = (given: string): string => {
  const shown = JSON.stringify(given.slice(0, 80));
  if (!form.test(given) || given.length > maxLength) {
    const hint = `Use small letters, digits and single hyphens, a letter first, at most ${maxLength}: for example badge or crm-login.`;
    throw new UsageError(`${shown} is no name for a plugin`, hint);
  }
  const bundled = bundledPlugins.get(given);
  if (bundled === undefined) return given;
  const role = bundled.role.replace('-', ' ');
  throw new UsageError(`${shown} is the word of a bundled ${role}`, 'Two plugins of one name cannot be told apart: choose another.');
};
