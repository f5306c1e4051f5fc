import type { Command } from 'commander';
import { flushReply, type FlushRequest } from '../operator/api-schemas.js';
import { plainText } from '../logging/plain-text.js';
import { validConfig } from './config-file.js';
import { OperatorClient } from './operator-client.js';
import { configOption, UsageError, type Shell } from './shell.js';

interface FlushOptions {
  readonly config: string;
  readonly user?: string;
  readonly domain?: string;
  readonly all?: true;
}

export const addFlush = (program: Command, shell: Shell): void => {
  program
    .command('flush')
    .summary('forget what is remembered, so that the stores are asked again')
    .description(
      'Tells the running gateway, and all that share state with it, to forget what it remembers of a user, a domain or everybody: ' +
        'an old password then ends at once.',
    )
    .option(...configOption)
    .option('-u, --user <login>', 'one user, as people type the login')
    .option('-d, --domain <domain>', 'everybody of a domain')
    .option('--all', 'everybody')
    .addHelpText('after', '\nExample:\n  postern flush --user anna@example.org')
    .action(async (options: FlushOptions) => {
      const wish = wishOf(options);
      const config = await validConfig(shell, options.config);
      if (config === undefined) return;
      const reply = await OperatorClient.of(config).ask('POST', '/cache/flush', flushReply, { body: wish });
      if (reply !== undefined) shell.io.stdout.write(`forgotten: ${plainText(whose(reply.flushed), 600)}\n`);
    });
};

const wishOf = ({ user, domain, all }: FlushOptions): FlushRequest => {
  const wishes: readonly FlushRequest[] = [
    ...(user === undefined ? [] : [{ user }]),
    ...(domain === undefined ? [] : [{ domain }]),
    ...(all === undefined ? [] : [{ all }]),
  ];
  const [wish] = wishes;
  if (wish === undefined || wishes.length > 1)
    throw new UsageError('it must be said whom to forget', 'Give one of --user LOGIN, --domain DOMAIN, --all.');
  return wish;
};

const whose = (flushed: FlushRequest): string => {
  if ('user' in flushed) return `what was known of ${flushed.user}`;
  return 'domain' in flushed ? `what was known of everybody at ${flushed.domain}` : 'what was known of everybody';
};
