import type { DomainFacts, LedgerFacts, UserList } from '@postern/ledger';
import { plainText } from '../logging/plain-text.js';
import { dayText, shareText } from '../migration/exit-rule.js';
import type { Step } from '../migration/list-edit.js';
import type { MigrationView } from '../migration/migration-view.js';
import { phaseNames } from '../migration/standing.js';

const dayMs = 86_400_000;
const failures = ['failed-deferred', 'failed-conflict'];

export interface Answered {
  readonly store: string;
  readonly today: number;
  readonly week: number;
}

/** Logins that each store let in. */
export const answeredBy = ({ days }: LedgerFacts, now: number): readonly Answered[] => {
  const [today, week] = [dayText(now), dayText(now - 6 * dayMs)];
  const accepted = days.filter(({ kind }) => kind === 'accepted');
  const sum = (store: string, since: string): number =>
    accepted.reduce((all, one) => all + (one.store === store && one.day >= since ? one.events : 0), 0);
  return [...new Set(accepted.map(({ store }) => store))]
    .sort()
    .map((store) => ({ store, today: sum(store, today), week: sum(store, week) }));
};

/** Passwords that were kept in the new store within seven days, and those that could not be. */
export const writesOf = (
  { days }: LedgerFacts,
  now: number,
): { readonly captured: number; readonly failed: number; readonly withdrawn: number } => {
  const week = days.filter(({ day }) => day >= dayText(now - 6 * dayMs));
  const sum = (is: (kind: string) => boolean): number => week.reduce((all, { kind, events }) => all + (is(kind) ? events : 0), 0);
  return {
    captured: sum((kind) => kind === 'captured'),
    failed: sum((kind) => failures.includes(kind)),
    withdrawn: sum((kind) => kind.startsWith('withdrawn-')),
  };
};

export const totalOf = (domains: readonly DomainFacts[]): Omit<DomainFacts, 'domain'> => {
  const sum = (key: Exclude<keyof DomainFacts, 'domain'>): number => domains.reduce((all, one) => all + one[key], 0);
  return {
    ...{ users: sum('users'), active: sum('active'), captured: sum('captured'), covered: sum('covered'), compared: sum('compared') },
    ...{ matching: sum('matching'), matchingLong: sum('matchingLong'), mismatching: sum('mismatching') },
    ...{ attributes: sum('attributes'), dormant: sum('dormant') },
  };
};

export interface Told extends MigrationView {
  readonly step: Step;
  /** The plugin list after the step, as YAML. */
  readonly next: string | undefined;
}

/** For a terminal. */
export const migrateText = (told: Told): string =>
  [heading(told), domainTable(told.facts), logins(told), lists(told.facts), exitText(told), stepsText(told.facts), nextText(told)]
    .filter((part) => part !== '')
    .join('\n');

const heading = ({ standing, facts }: Told): string => {
  const { phase, from, into, domains, percent, users } = standing;
  const where = phase === 3 ? `: ${[...domains, ...(percent === undefined ? [] : [`${percent}% of the users`])].join(', ')}` : '';
  const tail = phase === 5 ? `: ${users.length} users` : '';
  const begun =
    facts.begun === undefined ? 'nothing has been noted yet' : `noted since ${new Date(facts.begun).toISOString().slice(0, 16)}Z`;
  return `phase ${phase}, ${phaseNames[phase]}${where}${tail}\n${from?.name ?? '?'} → ${into?.name ?? '?'}, ${begun}\n`;
};

const domainTable = ({ domains }: LedgerFacts): string => {
  if (domains.length === 0) return '';
  const head = ['domain', 'users', 'active', 'captured', 'or the same', 'compared', 'the same', 'mismatch', 'dormant'];
  const row = (name: string, one: Omit<DomainFacts, 'domain'>): readonly string[] => [
    ...[name, String(one.users), String(one.active)],
    ...[withShare(one.captured, one.active), withShare(one.covered, one.active)],
    ...[String(one.compared), withShare(one.matching, one.compared), String(one.mismatching), String(one.dormant)],
  ];
  const rows = domains.map((one) => row(one.domain === '' ? '(none)' : plainText(one.domain, 60), one));
  return table([head, ...rows, ...(rows.length > 1 ? [row('all', totalOf(domains))] : [])]);
};

const withShare = (part: number, whole: number): string => (whole === 0 ? String(part) : `${part} (${shareText(part / whole)})`);

const logins = ({ facts, now }: Told): string => {
  const answered = answeredBy(facts, now);
  if (answered.length === 0) return '';
  const { captured, failed, withdrawn } = writesOf(facts, now);
  const writes = `in 7 days: ${captured} passwords captured, ${failed} writes failed, ${withdrawn} withdrawn; ${facts.disabled} users disabled in a store\n`;
  const rows = answered.map(({ store, today, week }) => [plainText(store, 64), String(today), String(week)]);
  return `${table([['logins let in by', 'today', '7 days'], ...rows])}${writes}`;
};

const lists = ({ mismatching, dormant, left, disabledInOld }: LedgerFacts): string =>
  [
    listText('mismatch', mismatching, (kind) => kind),
    listText('dormant', dormant, () => ''),
    listText('only the old store can answer', left, () => ''),
    listText('disabled in the old store, not in the new one', disabledInOld, () => ''),
  ].join('');

const listText = (title: string, { total, users }: UserList, note: (kind: string) => string): string => {
  if (total === 0) return '';
  const rows = users.map(({ user, lastSeen, comparedKind }) => [
    ...[`  ${plainText(user, 200)}`, lastSeen === 0 ? 'never let in' : `last let in ${dayText(lastSeen)}`, note(comparedKind)],
  ]);
  const more = total > users.length ? `  and ${total - users.length} more (--all)\n` : '';
  return `${title}: ${total}\n${table(rows)}${more}`;
};

/** Also what a refusal says. */
export const exitText = ({ standing, exit }: Pick<MigrationView, 'standing' | 'exit'>): string => {
  if (standing.phase === 6) return '';
  const rows = exit.checks.map(({ what, holds, is, wanted }) => [
    holds ? '  yes' : '  NO',
    plainText(what, 200),
    plainText(is, 300),
    wanted,
  ]);
  return `the next phase ${exit.holds ? 'may begin' : 'is not ready'}:\n${table(rows)}`;
};

const stepsText = ({ steps }: LedgerFacts): string =>
  steps.length === 0
    ? ''
    : `steps taken:\n${table(steps.map(({ at, step, reason }) => [`  ${new Date(at).toISOString().slice(0, 16)}Z`, plainText(step, 80), plainText(reason, 600)]))}`;

const nextText = ({ step, next }: Told): string =>
  step.kind === 'none'
    ? `next: ${step.why}\n`
    : `next: ${plainText(step.does, 600)} (phase ${step.to}). The list is then, each plugin's options as they are:\n\n${next ?? ''}`;

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
};
