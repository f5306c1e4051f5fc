import { resolve } from 'node:path';
import { ModulePlugins, readConfig, type ConfigReading, type ResolvedConfig } from '@postern/kernel';
import { bundledPlugins } from '../plugins.js';
import { problemsText } from './problems.js';
import type { Shell } from './shell.js';

/** Reads the config that a command was pointed to. Nothing is opened but the files it names. */
export const readConfigFile = (shell: Shell, file: string): Promise<ConfigReading> =>
  readConfig(resolve(shell.io.directory, file), new ModulePlugins(bundledPlugins), shell.io.env);

/** The config, or undefined after all its errors were told and the command has ended with 2. Warnings are `check`'s to tell. */
export const validConfig = async (shell: Shell, file: string): Promise<ResolvedConfig | undefined> => {
  const { config, problems } = await readConfigFile(shell, file);
  if (config !== undefined) return config;
  shell.io.stderr.write(problemsText(problems));
  shell.end(2);
  return undefined;
};
