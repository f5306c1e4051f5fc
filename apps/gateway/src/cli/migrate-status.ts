import { stringify } from 'yaml';
import { editedData } from '../migration/config-edit.js';
import { nextStep, type Step } from '../migration/list-edit.js';
import { phaseNames } from '../migration/standing.js';
import { skeletonOf } from '../migration/skeleton.js';
import { migrateText, answeredBy, totalOf, writesOf } from './migrate-text.js';
import { migrationOf, type Migration } from './migrate-view.js';
import type { Shell } from './shell.js';

export interface StatusOptions {
  readonly config: string;
  readonly json?: true;
  readonly all?: true;
  readonly ready?: true;
}

const shortList = 20;
const longList = 1_000_000;
/** Of a list of users that goes into the config file. */
export const mostTail = 1000;

export const migrateStatus = async ({ config: file, json, all, ready }: StatusOptions, shell: Shell): Promise<void> => {
  const migration = await migrationOf(shell, file, { domains: [], most: all === true ? longList : json === true ? mostTail : shortList });
  if (migration === undefined) return;
  const step = stepOf(migration);
  const next =
    step.kind === 'none' ? undefined : stringify({ plugins: skeletonOf(editedData(writtenOf(migration), step.edits)) }, { lineWidth: 0 });
  shell.io.stdout.write(
    json === true ? `${JSON.stringify(asJson(migration, step, next), undefined, 2)}\n` : migrateText({ ...migration.view, step, next }),
  );
  if (ready === true && !migration.view.exit.holds) shell.end(1);
};

export const writtenOf = ({ config }: Migration): unknown => config.written.reveal();

const stepOf = ({ view }: Migration): Step =>
  nextStep(view.standing, { domains: view.exit.ready, left: view.facts.left.users.map(({ user }) => user) });

const asJson = ({ view }: Migration, step: Step, next: string | undefined): unknown => {
  const { standing, facts, exit, now } = view;
  return {
    phase: { number: standing.phase, name: phaseNames[standing.phase] },
    from: standing.from?.name,
    into: standing.into?.name,
    ...(standing.phase === 3 ? { swapped: standing.domains, percent: standing.percent } : {}),
    ...(standing.phase === 5 ? { tail: standing.users } : {}),
    begun: facts.begun,
    users: totalOf(facts.domains),
    domains: facts.domains,
    answered: answeredBy(facts, now),
    writes: writesOf(facts, now),
    disabled: facts.disabled,
    disabledInOld: facts.disabledInOld,
    mismatching: facts.mismatching,
    dormant: facts.dormant,
    left: facts.left,
    exit: { holds: exit.holds, checks: exit.checks, ready: exit.ready },
    next: step.kind === 'none' ? { why: step.why } : { phase: step.to, does: step.does, plugins: next },
    steps: facts.steps,
  };
};
