import type { Command } from 'commander';
import { readConfigFile } from './config-file.js';
import { configTree } from './config-tree.js';
import { makingProblems } from './making-problems.js';
import { problemsText } from './problems.js';
import { configOption, type Shell } from './shell.js';

export const addCheck = (program: Command, shell: Shell): void => {
  program
    .command('check')
    .summary('all mistakes of a config, or what it comes to')
    .description(
      'Checks a config without opening any connection. Prints all mistakes together, or the doors, stores, routers and backends it comes to.',
    )
    .option(...configOption)
    .option('--json', 'problems as JSON on stdout, and nothing else')
    .addHelpText('after', '\nWarnings alone end with 0, errors with 2. docs/errors.md explains every code.')
    .action(async (options: { readonly config: string; readonly json?: true }) => {
      const { config: read, file, problems: found } = await readConfigFile(shell, options.config);
      const made = read === undefined ? [] : await makingProblems(read);
      const problems = [...made, ...found];
      const config = made.length === 0 ? read : undefined;
      if (options.json === true) {
        shell.io.stdout.write(`${JSON.stringify({ file, ok: config !== undefined, problems }, undefined, 2)}\n`);
      } else {
        if (problems.length > 0) shell.io.stderr.write(problemsText(problems));
        if (config !== undefined) shell.io.stdout.write(configTree(config));
      }
      shell.end(config === undefined ? 2 : 0);
    });
};
