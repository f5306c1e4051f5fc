import type { Command } from 'commander';
import { goBack, goNext, type StepOptions } from './migrate-step.js';
import { migrateStatus, type StatusOptions } from './migrate-status.js';
import { configOption, UsageError, type Shell } from './shell.js';

export const addMigrate = (program: Command, shell: Shell): void => {
  const migrate = program
    .command('migrate')
    .summary('move people from one store to another, phase by phase')
    .description('Where a migration between two stores stands, and the edits of the plugin list that lead on and back. Reads the ledger.');
  migrate
    .command('status')
    .summary('the phase, the numbers, and whether the next phase may begin')
    .option(...configOption)
    .option('--json', 'as JSON')
    .option('--all', 'whole lists, not only their beginnings')
    .option('--ready', 'end with 1 when the next phase is not ready')
    .action((options: StatusOptions) => migrateStatus(options, shell));
  migrate
    .command('next')
    .summary('the edit that begins the next phase')
    .option(...configOption)
    .option('--domain <domain...>', 'swap these domains (phases 2 and 3); default: all that are ready')
    .option('--write', 'edit the config file; a copy of it is kept beside it')
    .option('--force', 'also when the numbers are against it')
    .option('--reason <text>', 'with --force: why; it is kept in the ledger')
    .addHelpText('after', '\nEnds with 1 when the phase is not done.')
    .action((options: StepOptions) => {
      if ((options.force === true) !== (options.reason !== undefined && options.reason.trim() !== ''))
        throw new UsageError('--force and --reason go together', 'Say --force --reason TEXT.');
      return goNext(options, shell);
    });
  migrate
    .command('back')
    .summary('the edit that takes the present phase back')
    .option(...configOption)
    .option('--domain <domain...>', 'only these domains (phases 3 and 4)')
    .option('--write', 'edit the config file; a copy of it is kept beside it')
    .action((options: StepOptions) => goBack(options, shell));
};
