import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Identity, type ResolvedConfig } from '@postern/kernel';
import { validConfig } from './config-file.js';
import { hashSchemeNamed } from './hash.js';
import type { Format } from './import/formats.js';
import type { ImportPlan } from './import/importing.js';
import type { ImportReport } from './import/report.js';
import type { WithTarget } from './import/target-store.js';
import { configOption, UsageError, type ExitCode, type Shell } from './shell.js';

interface ImportOptions {
  readonly format: Format;
  readonly into?: string;
  readonly toTable?: string;
  readonly config: string;
  readonly field: readonly string[];
  readonly delimiter: string;
  readonly defaultScheme?: string;
  readonly scheme: string;
  readonly dryRun?: true;
  readonly skipBroken?: true;
  readonly json?: true;
}

const formatNames = Object.keys({ 'passwd-file': true, popmap: true, csv: true, ldif: true } satisfies Record<Format, true>);

export const addImport = (program: Command, shell: Shell): void => {
  const command = program
    .command('import')
    .summary('users of another system, with the hashes of their passwords')
    .description(
      'Reads users from a file, says what is in it, and keeps their hashes in a store of the config, through the same statement that ' +
        'captures and rehashes passwords. Somebody who is there already is never overwritten. One broken line keeps everything from being ' +
        'written, unless --skip-broken is given. Without --into and --to-table it only reports.',
    )
    .argument('<file>', 'the file to read')
    .addOption(new Option('-f, --format <format>', 'what the file is').choices(formatNames).makeOptionMandatory())
    .option('--into <instance>', 'the store that keeps the users, by its name in the config')
    .option('--to-table <file>', 'popmap alone: a new file for the router `table`')
    .option(...configOption)
    .option('--field <name=column>', 'where user, password, enabled or an attribute stands (csv, ldif); again for each', gathered, [])
    .option('--delimiter <character>', 'between the values of csv; `tab` for tabs', ',')
    .option('--default-scheme <scheme>', 'of passwords that name none (default: PLAIN for ldif, CRYPT for the others)')
    .option('--scheme <scheme>', 'what clear text is hashed with before it is kept', 'ARGON2ID')
    .option('--dry-run', 'write nothing; ask the store who is there already')
    .option('--skip-broken', 'leave broken lines out and import the rest')
    .option('--json', 'the report as JSON')
    .addHelpText('after', help);
  command.action(async (file: string, options: ImportOptions) => {
    const explicit = command.getOptionValueSource('config') === 'cli';
    const plan = await planOf(file, options, explicit, shell);
    if (plan === undefined) return;
    const { SourceFile } = await import('./import/source-file.js');
    const { runImport } = await import('./import/importing.js');
    const source = await SourceFile.open(resolve(shell.io.directory, file));
    try {
      const report = await runImport(source, plan, shell);
      if (report !== undefined) await tell(report, options.json === true, shell);
    } finally {
      await source.close();
    }
  });
};

const help = `
Formats:
  passwd-file  Dovecot's: user:password:uid:gid:gecos:home:shell:extra fields
  popmap       perdition's: user:host[:port], and lines of its regex map that one row of a table can say
  csv          with a header line; columns user (email, login …), password (hash …), enabled, and attributes
  ldif         RFC 2849: mail or uid, userPassword, mailHost as the attribute host

Ends with 0 when all that could be kept is kept, 1 when lines were broken and nothing was written, or the store failed.

Examples:
  postern import users.passwd --format passwd-file
  postern import users.csv --format csv --field user=mail --into customers --dry-run
  slapcat > all.ldif; postern import all.ldif --format ldif --into customers
  postern import /etc/perdition/popmap --format popmap --to-table homes.txt`;

const gathered = (text: string, before: readonly string[]): readonly string[] => [...before, text];

const planOf = async (file: string, options: ImportOptions, explicit: boolean, shell: Shell): Promise<ImportPlan | undefined> => {
  checkTogether(options);
  const { fieldNames } = await import('./import/fields.js');
  const { usualScheme } = await import('./import/formats.js');
  const { format, into, toTable } = options;
  const names = fieldNames(options.field);
  const config = into === undefined && !explicit ? undefined : await validConfig(shell, options.config);
  if (config === undefined && (into !== undefined || explicit)) return undefined;
  const identity = new Identity(config?.core.identity ?? {});
  const plan = {
    ...{ file, format, names, delimiter: delimiterOf(options.delimiter) },
    canonical: (login: string) => identity.canonical(login),
    defaultScheme: await knownScheme(options.defaultScheme ?? usualScheme(format)),
    scheme: hashSchemeNamed(options.scheme),
    skipBroken: options.skipBroken === true,
    dryRun: options.dryRun === true,
    ...(toTable === undefined ? {} : { table: resolve(shell.io.directory, toTable) }),
  };
  return into === undefined || config === undefined
    ? plan
    : { ...plan, into: { store: into, target: await targetOf(config, into, shell) } };
};

const checkTogether = ({ format, into, toTable, field }: ImportOptions): void => {
  if (format === 'popmap' && into !== undefined)
    throw new UsageError('a popmap has no passwords, so no store can keep its users', 'Write a table with --to-table FILE.');
  if (format !== 'popmap' && toTable !== undefined)
    throw new UsageError('only a popmap becomes a table', 'Let a store keep the host as an attribute, and the router `table` read that.');
  if (field.length > 0 && format !== 'csv' && format !== 'ldif')
    throw new UsageError(`${format} has no names for its fields`, '--field is for csv and ldif.');
};

const delimiterOf = (text: string): string => {
  const delimiter = text === 'tab' ? '\t' : text;
  if (/^[^\p{Cc}"]$|^\t$/u.test(delimiter)) return delimiter;
  throw new UsageError(`"${text}" cannot part values`, 'Give one character such as ; or the word tab.');
};

const knownScheme = async (text: string): Promise<string> => {
  const { isWeakScheme, knownSchemes } = await import('@postern/passwords');
  const scheme = text.replace(/^\{(.*)\}$/, '$1').toUpperCase();
  if (isWeakScheme(scheme) !== undefined) return scheme;
  throw new UsageError(`"${text}" is no password scheme`, `There are ${knownSchemes.join(', ')}.`);
};

const targetOf = async (config: ResolvedConfig, into: string, shell: Shell): Promise<WithTarget> => {
  const { targetStore } = await import('./import/target-store.js');
  return targetStore(config, into, shell);
};

const tell = async (report: ImportReport, json: boolean, shell: Shell): Promise<void> => {
  const { reportJson, reportText } = await import('./import/report.js');
  shell.io.stdout.write(json ? reportJson(report) : reportText(report));
  shell.end(codeOf(report));
};

const codeOf = ({ refused, into }: ImportReport): ExitCode =>
  refused || (into !== undefined && into.written.failed.length > 0) || into?.written.brokenOff === true ? 1 : 0;
