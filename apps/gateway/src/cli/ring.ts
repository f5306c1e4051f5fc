import { isIP } from 'node:net';
import { Option, type Command } from 'commander';
import { protocols, type Protocol } from '@postern/contract';
import type { RingOptions } from './ring/diff.js';
import { configOption, UsageError, type Shell } from './shell.js';

interface DiffOptions extends RingOptions {
  readonly config: string;
  readonly clientIp: string;
  readonly protocol: Protocol;
}

export const addRing = (program: Command, shell: Shell): void => {
  const ring = program
    .command('ring')
    .summary('whose mailbox would be looked for elsewhere')
    .description('What a change of backends, routers or tables does to the places of mailboxes, before it is done.');
  ring
    .command('diff')
    .summary('who would move, from where to where')
    .description(
      'Compares the config in force with another one: whose mailbox would be looked for at another mail server? Nothing is proved and nobody ' +
        'logs in: stores are asked who somebody is, routers where the mailbox is. Whether a mail server answers just now is not looked at. ' +
        'Without --users the logins that the configs themselves name are compared, and a sample of made-up ones where other stores may know more.',
    )
    .argument('<new>', 'the config that would be put in force')
    .option(...configOption)
    .option('--users <file>', 'one login a line (`#` begins a comment); - for stdin')
    .addOption(new Option('-p, --protocol <protocol>', 'what the clients speak').choices([...protocols]).default('imap'))
    .option('--client-ip <ip>', 'address of the clients', '127.0.0.1')
    .option('--all', 'everybody who moves, not only the first 20')
    .option('--json', 'everything as JSON')
    .addHelpText('after', help)
    .action(async (file: string, options: DiffOptions) => {
      if (isIP(options.clientIp) === 0)
        throw new UsageError(`"${options.clientIp}" is no IP address`, 'Give one such as 192.0.2.7 or 2001:db8::7.');
      const { ringDiff } = await import('./ring/diff.js');
      await ringDiff(options.config, file, options, shell);
    });
};

const help = `
Ends with 0 when nobody moves, with 1 when somebody moves, loses the place or gets another name, or when it cannot be told for somebody.

Examples:
  cp postern.yaml new.yaml; vi new.yaml; postern ring diff new.yaml
  doveadm user '*' | postern ring diff new.yaml --users -`;
