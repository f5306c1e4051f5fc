import type { Command } from 'commander';
import { bansReply, liftReply, mostBans, type BansReply, type ListedBan } from '../operator/api-schemas.js';
import { plainText } from '../logging/plain-text.js';
import { validConfig } from './config-file.js';
import { OperatorClient } from './operator-client.js';
import { configOption, type Shell } from './shell.js';

interface ListOptions {
  readonly config: string;
  readonly json?: true;
}

export const addBans = (program: Command, shell: Shell): void => {
  const bans = program
    .command('bans')
    .summary('whom the running gateway keeps out')
    .description('Whom the policies of the running gateway keep out, and how to let them in.');
  bans
    .command('list')
    .summary('list them, the youngest first')
    .option(...configOption)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nEnds with 0 when all policies could tell, with 1 when one could not.')
    .action((options: ListOptions) => list(options, shell));
  bans
    .command('lift')
    .summary('let somebody in again, and forget the tries')
    .argument('<id>', 'as `bans list` shows it')
    .option(...configOption)
    .addHelpText('after', '\nEnds with 0 when the ban was lifted, with 1 when there is none of that id.')
    .action((id: string, options: { readonly config: string }) => lift(id, options.config, shell));
};

const list = async ({ config: file, json }: ListOptions, shell: Shell): Promise<void> => {
  const config = await validConfig(shell, file);
  if (config === undefined) return;
  const reply = await OperatorClient.of(config).ask('GET', `/bans?most=${mostBans}`, bansReply);
  if (reply === undefined) return;
  shell.io.stdout.write(json === true ? `${JSON.stringify(reply, undefined, 2)}\n` : listText(reply));
  if (reply.unavailable.length === 0) return;
  shell.io.stderr.write(`postern: could not tell: ${reply.unavailable.join(', ')}. The gateway's log says why.\n`);
  shell.end(1);
};

const lift = async (id: string, file: string, shell: Shell): Promise<void> => {
  const config = await validConfig(shell, file);
  if (config === undefined) return;
  const reply = await OperatorClient.of(config).ask('DELETE', `/bans/${encodeURIComponent(id)}`, liftReply, { but: 404 });
  if (reply !== undefined) {
    shell.io.stdout.write(`lifted: ${plainText(reply.lifted, 600)}\n`);
    return;
  }
  shell.io.stderr.write(`postern: there is no ban "${plainText(id, 600)}". "postern bans list" shows those there are.\n`);
  shell.end(1);
};

const listText = ({ bans }: BansReply): string => {
  if (bans.length === 0) return 'nobody is kept out\n';
  const rows = [['id', 'whom', 'tries', 'until', ''], ...bans.map(cellsOf)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};

const cellsOf = ({ id, user, network, tries, until, enforced }: ListedBan): readonly string[] => [
  plainText(id, 300),
  plainText([user, network].filter((part) => part !== undefined).join(' from ') || '?', 600),
  String(tries),
  new Date(Math.min(until, 8.64e15)).toISOString(),
  enforced ? '' : 'only logged',
];
