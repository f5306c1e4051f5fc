import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDuration } from '@postern/contract';
import type { Io } from './io.js';
import { readPassword } from './read-password.js';
import { UsageError, type Shell } from './shell.js';
import { configuredEntry, loneEntry, pluginAsTyped, type Entry } from './verify/entry-file.js';
import type { Examples, PluginQuestion } from './verify/question.js';
import { resultText, summaryText } from './verify/report.js';
import type { StepResult } from './verify/step.js';

interface VerifyOptions {
  readonly config?: string;
  readonly examples?: string;
  readonly knownUser?: string;
  readonly passwordStdin?: true;
  readonly patience: string;
  readonly json?: true;
}

const help = `
Steps: resolve, import, apiVersion, shape, schema, create, start, health, ask, stop, conformance, quiet.
The suite tries many wrong passwords of the known user: take an account that is there for tests.
Ends with 0 when no step broke, with 1 when one did.

Examples:
  postern verify ./dist/src/index.js -c postern.yaml --examples examples.yaml
  printf %s 'the password' | postern verify postern-credential-badge -c postern.yaml --known-user ann@example.org --password-stdin`;

export const addVerify = (program: Command, shell: Shell): void => {
  program
    .command('verify')
    .summary('load a plugin as a gateway does, and say which step broke')
    .description(
      'Loads one plugin exactly as a gateway does, in a process of its own, step by step, and says of each whether it holds and what to do. ' +
        'With users to try it is also held to the conformance suite of its role (from @postern/testkit).',
    )
    .argument('<plugin>', 'a path or an npm package, as in `use`')
    .option('-c, --config <file>', 'config whose entry for this plugin has the options (and whose backends are declared)')
    .option('--examples <file>', 'YAML with whom to try: known, disabled, unknown, many; placed, homeless; passing; skip')
    .option('--known-user <user>', 'somebody a store lets in')
    .option('--password-stdin', "read that user's password from stdin")
    .option('--patience <duration>', 'time for each thing that the plugin does', '10s')
    .option('--json', 'as JSON')
    .addHelpText('after', help)
    .action(async (typed: string, options: VerifyOptions) => {
      const question = await questionOf(typed, options, shell.io);
      const results = await verified(question, shell.io, options.json === true ? undefined : shell.io.stdout);
      const broke = results.some(({ outcome }) => outcome === 'broken');
      shell.io.stdout.write(
        options.json === true
          ? `${JSON.stringify({ plugin: typed, ok: !broke, steps: results }, undefined, 2)}\n`
          : summaryText(typed, results),
      );
      shell.end(broke ? 1 : 0);
    });
  program.command('verify-probe', { hidden: true }).action(async () => {
    const { probeProcess } = await import('./verify/probe-process.js');
    await probeProcess(shell.io.env);
  });
};

const verified = async (
  question: PluginQuestion,
  { env, stderr }: Io,
  stdout: Io['stdout'] | undefined,
): Promise<readonly StepResult[]> => {
  const { watchProbe } = await import('./verify/probe-watch.js');
  const results: StepResult[] = [];
  const said = (result: StepResult): void => {
    results.push(result);
    stdout?.write(resultText(result));
  };
  await watchProbe({ question, env, output: stderr, said });
  return results;
};

const questionOf = async (typed: string, options: VerifyOptions, io: Io): Promise<PluginQuestion> => {
  const use = pluginAsTyped(typed, io.directory);
  const entry: Entry =
    options.config === undefined ? loneEntry(use, io.directory) : configuredEntry(use, resolve(io.directory, options.config));
  return { ...entry, examples: await examplesOf(options, io), patienceMs: patienceOf(options.patience) };
};

const examplesOf = async (options: VerifyOptions, io: Io): Promise<Examples> => {
  const { knownUser: user, passwordStdin } = options;
  const written = options.examples === undefined ? {} : await examplesIn(resolve(io.directory, options.examples));
  if (user === undefined && passwordStdin === undefined) return written;
  if (user === undefined) throw new UsageError('--password-stdin without --known-user', 'Say whose password it is.');
  if (passwordStdin === undefined)
    throw new UsageError('--known-user without --password-stdin', 'Pipe the password in; never as an argument.');
  const password = Buffer.from(await readPassword(io, false)).toString('utf8');
  return { ...written, known: { user, password } };
};

const examplesIn = async (file: string): Promise<Examples> => {
  const { readExamples } = await import('./verify/examples-file.js');
  return readExamples(file);
};

const patienceOf = (text: string): number => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 10 && ms <= 600_000) return ms;
  throw new UsageError(`"${text}" is no duration from 10ms to 10m`, 'Write for example 500ms or 30s.');
};
