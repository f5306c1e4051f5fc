import type { Command } from 'commander';
import { composeSchema } from '@postern/kernel';
import { bundledPlugins } from '../plugins.js';
import { readConfigFile } from './config-file.js';
import { problemsText } from './problems.js';
import type { Shell } from './shell.js';

export const addSchema = (program: Command, shell: Shell): void => {
  program
    .command('schema')
    .summary('JSON Schema of the config file')
    .description("Prints the JSON Schema of the config file, made from the plugins' own schemas; editors complete and check with it.")
    .option('-c, --config <file>', 'also know the plugins that this config brings')
    .action(async ({ config }: { readonly config?: string }) => {
      const schema = config === undefined ? composeSchema(bundledPlugins) : await schemaWith(shell, config);
      if (schema !== undefined) shell.io.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
    });
};

/** A config full of mistakes is no obstacle; one that cannot be read is. Undefined: it was said why, and the command has ended with 2. */
const schemaWith = async (shell: Shell, file: string): Promise<object | undefined> => {
  const { text, schema, problems } = await readConfigFile(shell, file);
  if (text !== undefined) return schema;
  shell.io.stderr.write(problemsText(problems));
  shell.end(2);
  return undefined;
};
