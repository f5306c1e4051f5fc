import type { Command } from 'commander';
import { effectiveConfig } from '@postern/kernel';
import { stringify } from 'yaml';
import { validConfig } from './config-file.js';
import { configOption, type Shell } from './shell.js';

export const addConfig = (program: Command, shell: Shell): void => {
  program
    .command('config')
    .summary('the effective config')
    .description('Prints the config with every default filled in, as YAML. Secrets are never printed.')
    .option(...configOption)
    .option('--redacted', 'say out loud that secrets are left out (they always are)')
    .option('--json', 'as JSON')
    .action(async (options: { readonly config: string; readonly json?: true }) => {
      const config = await validConfig(shell, options.config);
      if (config === undefined) return;
      const effective = effectiveConfig(config);
      shell.io.stdout.write(
        options.json === true ? `${JSON.stringify(effective, undefined, 2)}\n` : stringify(effective, { aliasDuplicateObjects: false }),
      );
    });
};
