import { Command, CommanderError } from 'commander';
import { version } from '../version.js';
import { addBans } from './bans.js';
import { addCheck } from './check.js';
import { addConfig } from './config.js';
import { addDoctor } from './doctor.js';
import { addExplain } from './explain.js';
import { addFlush } from './flush.js';
import { addHash } from './hash.js';
import { addImport } from './import.js';
import type { Io } from './io.js';
import { addMigrate } from './migrate.js';
import { addNew } from './new.js';
import { addNginx } from './nginx.js';
import { addRing } from './ring.js';
import { addSchema } from './schema.js';
import { addServe } from './serve.js';
import { UsageError, type ExitCode, type Shell } from './shell.js';
import { addVerify } from './verify.js';

/** One command line, from its words to its exit code. Throws nothing and ends no process. */
export const runCli = async (words: readonly string[], io: Io): Promise<ExitCode> => {
  let code: ExitCode = 0;
  const program = commands({ io, end: (ended) => (code = ended) });
  try {
    await program.parseAsync([...asked(program, words)], { from: 'user' });
    return code;
  } catch (error) {
    return endedBy(error, io);
  }
};

/**
 * `words` so that commander keeps two promises: `help ring diff` is about that command, and asking for the help of a command that is not
 * there is a mistake, as using it is. Commander answers both with the help of the level above, and 0.
 */
const asked = (program: Command, words: readonly string[]): readonly string[] => {
  const [first, ...rest] = words;
  const meant = first === 'help' && rest.length > 0 ? [...rest, '--help'] : words;
  return namesNothing(program, meant) ? meant.filter((word) => word !== '-h' && word !== '--help') : meant;
};

const namesNothing = ({ commands }: Command, [word, ...rest]: readonly string[]): boolean => {
  if (commands.length === 0 || word === undefined || word === 'help' || word.startsWith('-')) return false;
  const named = commands.find((command) => command.name() === word);
  return named === undefined || namesNothing(named, rest);
};

/** In the order of the help. */
const everyCommand = [
  ...[addServe, addCheck, addExplain, addRing, addConfig, addSchema, addHash, addNginx, addDoctor],
  ...[addBans, addFlush, addMigrate, addImport, addNew, addVerify],
] as const;

const commands = (shell: Shell): Command => {
  const program = new Command('postern')
    .description("Answers the logins of nginx's mail proxy (auth_http) from a list of plugins.")
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.io.stdout.write(text),
      writeErr: (text) => void shell.io.stderr.write(text),
    })
    .showHelpAfterError('("postern help COMMAND" shows what a command takes)')
    .addHelpText('after', '\nExit codes: 0 fine, 1 the answer is no, 2 wrong usage or a wrong config.');
  for (const add of everyCommand) add(program, shell);
  return program;
};

const endedBy = (error: unknown, io: Io): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    io.stderr.write(`postern: ${error.message}. ${error.hint}\n`);
    return 2;
  }
  io.stderr.write(`postern: this is a bug in postern: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 2;
};
