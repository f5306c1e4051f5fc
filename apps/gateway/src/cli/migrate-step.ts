import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { editedData, editedText } from '../migration/config-edit.js';
import { backStep, nextStep, type Step } from '../migration/list-edit.js';
import { withReader } from '../migration/migration-view.js';
import { skeletonOf } from '../migration/skeleton.js';
import { replaceConfig } from './replace-config.js';
import { mostTail, writtenOf } from './migrate-status.js';
import { exitText } from './migrate-text.js';
import { migrationOf, type Migration } from './migrate-view.js';
import { UsageError, type Shell } from './shell.js';

export interface StepOptions {
  readonly config: string;
  readonly domain?: readonly string[];
  readonly write?: true;
  readonly force?: true;
  readonly reason?: string;
}

type Taken = Extract<Step, { readonly kind: 'edit' }>;

export const goNext = async (options: StepOptions, shell: Shell): Promise<void> => {
  const domains = domainsOf(options);
  const migration = await migrationOf(shell, options.config, { domains, most: mostTail + 1 });
  if (migration === undefined) return;
  const { standing, exit, facts } = migration.view;
  if (domains.length > 0 && standing.phase !== 2 && standing.phase !== 3)
    throw new UsageError(`--domain says nothing in phase ${standing.phase}`, 'Domains are swapped in phases 2 and 3.');
  const left = facts.left.users.map(({ user }) => user);
  if (standing.phase === 4 && left.length > mostTail)
    throw new UsageError(`${facts.left.total} users are left: too many for a list`, 'Capture or reset them first, or keep both stores.');
  const step = nextStep(standing, { domains: domains.length > 0 ? domains : exit.ready, left });
  if (step.kind === 'none') return refuse(`${step.why}\n`, migration, shell);
  if (!exit.holds && options.force !== true) return refuse('', migration, shell);
  await take(step, `${standing.phase}→${step.to}${options.force === true ? ' forced' : ''}`, migration, options, shell);
};

export const goBack = async (options: StepOptions, shell: Shell): Promise<void> => {
  const domains = domainsOf(options);
  const migration = await migrationOf(shell, options.config, { domains: [], most: 1 });
  if (migration === undefined) return;
  const { standing, facts } = migration.view;
  if (domains.length > 0 && standing.phase !== 3 && standing.phase !== 4)
    throw new UsageError(`--domain says nothing in phase ${standing.phase}`, 'Domains are taken back in phases 3 and 4.');
  const step = backStep(
    standing,
    domains,
    facts.domains.map(({ domain }) => domain),
  );
  if (step.kind === 'none') {
    shell.io.stderr.write(`postern: ${step.why}\n`);
    shell.end(1);
    return;
  }
  await take(step, `${standing.phase}→${step.to} back`, migration, options, shell);
};

const domainsOf = ({ domain = [] }: StepOptions): readonly string[] => domain.map((one) => one.toLowerCase());

const refuse = (why: string, { view }: Migration, shell: Shell): void => {
  shell.io.stderr.write(`${why}${exitText(view)}`);
  shell.end(1);
};

const take = async (step: Taken, name: string, migration: Migration, options: StepOptions, shell: Shell): Promise<void> => {
  const { io } = shell;
  // A reason that is not kept was never given: first this, then the edit.
  if (options.reason !== undefined) await keepStep(name, options.reason, migration);
  if (options.write !== true) {
    const list = stringify({ plugins: skeletonOf(editedData(writtenOf(migration), step.edits)) }, { lineWidth: 0 });
    io.stdout.write(`# ${step.does} (phase ${step.to}). Each plugin's own options stay as they are; --write edits the file.\n${list}`);
    return;
  }
  const { file } = migration.config;
  const before = await readFile(file, 'utf8');
  const edited = editedText(before, step.edits);
  if (edited.kind === 'by-hand') throw new UsageError(edited.why, 'Leave --write out, and make the edit that is printed by hand.');
  const backup = await replaceConfig(shell, { file, before, after: edited.text, suffix: `phase-${migration.view.standing.phase}` });
  if (backup === undefined) return;
  if (options.reason === undefined)
    await keepStep(name, '', migration).catch(() => io.stderr.write('postern: the step could not be noted in the ledger\n'));
  io.stdout.write(
    `${step.does} (phase ${step.to})\n${file} is written; as it was: ${backup}\nSend SIGHUP to the gateway to take it over.\n`,
  );
};

const keepStep = async (name: string, reason: string, { config }: Migration): Promise<void> => {
  await withReader(config, (reader, signal) => reader.addStep(Date.now(), name, reason, signal)).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : 'unknown trouble';
    throw new UsageError(`the ledger cannot be written: ${why}`, 'It is named in migration.ledger.');
  });
};
