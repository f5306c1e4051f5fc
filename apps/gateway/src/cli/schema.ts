import type { Command } from 'commander';
import { composeSchema } from '@postern/kernel';
import { bundledPlugins } from '../plugins.js';
import { readConfigFile } from './config-file.js';
import type { Shell } from './shell.js';

export const addSchema = (program: Command, shell: Shell): void => {
  program
    .command('schema')
    .summary('JSON Schema of the config file')
    .description("Prints the JSON Schema of the config file, made from the plugins' own schemas; editors complete and check with it.")
    .option('-c, --config <file>', 'also know the plugins that this config brings')
    .action(async (options: { readonly config?: string }) => {
      const schema = options.config === undefined ? composeSchema(bundledPlugins) : (await readConfigFile(shell, options.config)).schema;
      shell.io.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
    });
};
