import { isIP } from 'node:net';
import { Option, type Command } from 'commander';
import { protocols, type Protocol } from '@postern/contract';
import { explainLogin, explanationText, type Explanation, type ExplainQuestion, type ResolvedConfig } from '@postern/kernel';
import { validConfig } from './config-file.js';
import type { Io } from './io.js';
import { passingGeneration } from './passing-generation.js';
import { readPassword } from './read-password.js';
import { configOption, UsageError, type Shell } from './shell.js';

interface ExplainOptions {
  readonly config: string;
  readonly protocol: Protocol;
  readonly clientIp: string;
  readonly passwordStdin?: true;
  readonly tls: boolean;
  readonly json?: true;
}

export const addExplain = (program: Command, shell: Shell): void => {
  program
    .command('explain')
    .summary('one login, dry: every step and what the client would see')
    .description(
      'Takes one login through the config, dry: every step, the bytes nginx would get, the text the client would see. ' +
        'Without a password the stores are asked who the user is, not whether the password is right.',
    )
    .argument('<user>', 'login as typed')
    .option(...configOption)
    .addOption(new Option('-p, --protocol <protocol>', 'what the client speaks').choices([...protocols]).default('imap'))
    .option('--client-ip <ip>', 'address of the client', '127.0.0.1')
    .option('--password-stdin', 'read the password from stdin and check it')
    .option('--no-tls', 'as if the client had not turned on TLS')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      "\nEnds with 0 when the login would be let in, with 1 when not.\n\nExample:\n  printf %s 'the password' | postern explain anna@example.org --password-stdin",
    )
    .action(async (user: string, options: ExplainOptions) => {
      const question = await questionOf(user, options, shell.io);
      const config = await validConfig(shell, options.config);
      if (config === undefined) return;
      const explanation = await explained(config, question, shell);
      if (explanation === undefined) return;
      shell.io.stdout.write(
        options.json === true ? `${JSON.stringify(explanation, undefined, 2)}\n` : `${explanationText(explanation).trimEnd()}\n`,
      );
      shell.end(explanation.letIn ? 0 : 1);
    });
};

const questionOf = async (user: string, options: ExplainOptions, io: Io): Promise<ExplainQuestion> => {
  if (isIP(options.clientIp) === 0)
    throw new UsageError(`"${options.clientIp}" is no IP address`, 'Give one such as 192.0.2.7 or 2001:db8::7.');
  const password = options.passwordStdin === true ? Buffer.from(await readPassword(io, false)).toString('utf8') : undefined;
  const { clientIp, protocol, tls } = options;
  return { user, protocol, clientIp, tls, ...(password === undefined ? {} : { password }) };
};

/** What the plugins have to log is in the steps. */
const explained = (config: ResolvedConfig, question: ExplainQuestion, shell: Shell): Promise<Explanation | undefined> =>
  passingGeneration({ config, shell, use: (generation) => explainLogin(generation, question) });
