import type { Protocol } from '@postern/contract';
import { plainText } from '../../logging/plain-text.js';
import { shown, type Findings, type Known, type Person, type Totals, type Way } from './tally.js';

/** What was compared. */
export interface Asked {
  readonly before: string;
  readonly after: string;
  readonly protocol: Protocol;
  readonly clientIp: string;
  readonly source:
    | { readonly kind: 'list'; readonly name: string }
    /** `domains`: of the sample. */
    | { readonly kind: 'configs'; readonly logins: number; readonly domains: readonly string[] };
}

export const ringJson = (asked: Asked, findings: Findings): string => `${JSON.stringify({ ...asked, ...findings }, undefined, 2)}\n`;

/** For people: the ways, the totals, who moves. */
export const ringText = (asked: Asked, findings: Findings): string => {
  const { ways, totals, movers, renamed, unclear, known } = findings;
  const sections = [
    heading(asked, totals),
    ways.length === 0 ? ['nobody moves'] : table(['from', 'to', 'users', 'share'], ways.map(wayRow)),
    table([], totalRows(totals)),
    notes(totals, known),
    list('who moves', movers, totals.move + totals.nowNowhere, totals, moverText),
    list('known by another name', renamed, totals.renamed, totals, renamedText),
    list('cannot be told', unclear, totals.cannotTell, totals, unclearText),
    badLines(findings),
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => plainText(line, 2000)).join('\n'));
  return `${texts.join('\n\n')}\n`;
};

const number = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const heading = ({ before, after, protocol, clientIp, source }: Asked, { madeUp, compared }: Totals): readonly string[] => [
  `now  ${before}`,
  `new  ${after}`,
  `     ${number(compared)} logins over ${protocol} from ${clientIp}${source.kind === 'list' ? `, listed in ${source.name}` : ''}`,
  ...(source.kind === 'configs' ? [`     ${number(source.logins)} of them named in the configs`] : []),
  ...(madeUp === 0
    ? []
    : [
        `     ${number(madeUp)} of them a SAMPLE: made-up users${source.kind === 'configs' && source.domains.length > 0 ? ` in ${firstOf(source.domains)}` : ''}, nobody's mailbox.`,
        '     It tells shares, not people: give a list of your users with --users FILE.',
      ]),
];

const firstOf = (domains: readonly string[]): string =>
  domains.length <= 5 ? domains.join(', ') : `${domains.slice(0, 4).join(', ')} and ${domains.length - 4} more domains`;

const wayRow = ({ from, to, users, share }: Way): readonly string[] => [from, to, number(users), percent(share)];

const totalRows = (totals: Totals): readonly (readonly string[])[] => {
  const row = (name: string, count: number): readonly string[] => [name, number(count), percent(count / Math.max(1, totals.compared))];
  const rare = (name: string, count: number): readonly (readonly string[])[] => (count === 0 ? [] : [row(name, count)]);
  return [
    row('stay', totals.stay),
    row('move', totals.move),
    row('now nowhere', totals.nowNowhere),
    row('cannot tell', totals.cannotTell),
    ...rare('newly placed', totals.newlyPlaced),
    ...rare('nowhere in both', totals.stillNowhere),
    ...rare('known by another name', totals.renamed),
  ];
};

/** Numbers to the right. The first two columns of a table with a head are texts, otherwise the first. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => {
  const all = head.length === 0 ? rows : [head, ...rows];
  const texts = head.length === 0 ? 1 : 2;
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, column) => (column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
};

const notes = ({ madeUp }: Totals, { before, after }: Findings['known']): readonly string[] => {
  const unknown = Math.max(before['unknown-user'], after['unknown-user']);
  const refused = Math.max(before.refused, after.refused);
  const notAsked = Math.max(before['not-asked'], after['not-asked']) - madeUp;
  const both = (kind: keyof Known): string => `(${number(before[kind])} now, ${number(after[kind])} new)`;
  return [
    ...(unknown > 0 ? [`No store knows some of them ${both('unknown-user')}: they are routed without attributes.`] : []),
    ...(refused > 0 ? [`A store keeps some of them out ${both('refused')}: they are routed without attributes.`] : []),
    ...(notAsked > 0 ? ['Some store cannot say who somebody is: users it may know are routed without attributes.'] : []),
  ];
};

const list = (
  title: string,
  people: readonly Person[],
  count: number,
  { madeUp }: Totals,
  cells: (person: Person) => readonly string[],
): readonly string[] => {
  if (people.length === 0) return [];
  const more =
    count > people.length && people.length === shown
      ? `, the first ${shown}${madeUp === 0 ? ` of ${number(count)}` : ''} (--all: everybody)`
      : '';
  const rows = people.map((person) => [place(person.line), ...cells(person)]);
  return [`${title}${more}`, ...aligned(rows)];
};

/** Without a column that is empty throughout. */
const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
  return rows.map(
    (row) =>
      `  ${row
        .filter((_, column) => widths[column] !== 0)
        .map((cell, column, kept) => cell.padEnd(widths[column + row.length - kept.length] ?? 0))
        .join('  ')
        .trimEnd()}`,
  );
};

const place = (line: number | undefined): string => (line === undefined ? '' : `line ${line}`);
const moverText = ({ user, from, to }: Person): readonly string[] => [user, `${from} → ${to}`];
const renamedText = ({ user, userAfter = '' }: Person): readonly string[] => [user, `→ ${userAfter}`];
const unclearText = ({ user, why = '' }: Person): readonly string[] => [user, why];

const badLines = ({ noLogins, totals }: Findings): readonly string[] => {
  if (noLogins.length === 0) return [];
  const lines = aligned(noLogins.map(({ line, why }) => [place(line), why]));
  return [`${number(totals.noLogins)} ${totals.noLogins === 1 ? 'line is' : 'lines are'} no login and not compared`, ...lines];
};
