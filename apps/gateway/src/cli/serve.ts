import { resolve } from 'node:path';
import type { Command } from 'commander';
import { configOption, type Shell } from './shell.js';

export const addServe = (program: Command, shell: Shell): void => {
  program
    .command('serve')
    .summary('run the gateway')
    .description('Runs the gateway: logs JSON lines (readable ones on a terminal) and says in one line where it listens when it is ready.')
    .option(...configOption)
    .addHelpText('after', '\nSIGHUP reads the config again; SIGTERM and SIGINT stop accepting, answer what is in flight and end.')
    .action(async (options: { readonly config: string }) => {
      const { serve } = await import('../serve.js');
      shell.end(await serve(shell.io, { file: resolve(shell.io.directory, options.config) }));
    });
};
