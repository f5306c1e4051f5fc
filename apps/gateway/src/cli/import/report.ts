import { plainText } from '../../logging/plain-text.js';
import type { Written } from './enrolling.js';
import type { Findings } from './survey.js';

/** Everything that an import has to say. Plain data, fit for `--json`; holds no password and no hash. */
export interface ImportReport {
  readonly file: string;
  readonly format: string;
  readonly findings: Findings;
  /** Broken lines kept everything from being written. */
  readonly refused: boolean;
  /** Only asked for. */
  readonly dryRun: boolean;
  readonly into?: { readonly store: string; readonly written: Written };
  readonly table?: { readonly file: string; readonly rows: number };
  /** What passwords in clear text were hashed with. */
  readonly scheme: string;
}

/** For `--json`. */
export const reportJson = ({ findings, ...rest }: ImportReport): string => {
  const { attributes, broken, ...counts } = findings;
  const lines = broken.map(({ line, reason }) => ({ line, reason }));
  return `${JSON.stringify({ ...rest, ...counts, attributes: [...attributes].map(([name, count]) => ({ name, count })), broken: lines }, undefined, 2)}\n`;
};

/** For people. */
export const reportText = (report: ImportReport): string =>
  [...brokenLines(report), ...foundLines(report), ...writtenLines(report)].map((line) => plainText(line, 2000)).join('\n') + '\n';

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const brokenLines = ({ findings: { broken }, file }: ImportReport): readonly string[] => {
  if (broken.length === 0) return [];
  return [...broken.map(({ line, reason }) => `${file}:${line}: ${reason}`), counted(broken.length, 'broken line'), ''];
};

const foundLines = ({ findings, format, scheme }: ImportReport): readonly string[] => {
  if (format === 'popmap') return [counted(findings.homes, 'row'), ...backendLines(findings)];
  const { leftOut, users } = findings;
  return [
    `${counted(users, 'user')} with a password that can be kept`,
    ...findings.schemes.map((each) => `  ${each.scheme}: ${each.count}${remarkOn(each.scheme, each.weak, scheme)}`),
    ...attributeLines(findings),
    ...(leftOut.disabled > 0 ? [`${leftOut.disabled} disabled: left out, since a hash alone would let them in`] : []),
    ...(leftOut.withoutPassword > 0 ? [`${leftOut.withoutPassword} without a password: left out`] : []),
    ...(leftOut.nobody > 0 ? [`${counted(leftOut.nobody, 'record')} about nobody: left out`] : []),
  ];
};

const remarkOn = (name: string, weak: boolean, scheme: string): string => {
  if (name === 'PLAIN') return ` (clear text; kept as ${scheme})`;
  return weak ? ` (weak; the store takes it only with allowWeak: [${name}])` : '';
};

const attributeLines = ({ attributes }: Findings): readonly string[] => {
  if (attributes.size === 0) return [];
  const names = [...attributes].map(([name, count]) => `${name}: ${count}`).join(', ');
  const [first = 'NAME'] = attributes.keys();
  return [
    `attributes: ${names}`,
    `  of these a store keeps what its option enroll names, as {attributes.${first}}; the others are dropped`,
    ...(attributes.has('allow_nets') ? allowNetsLines : []),
  ];
};

/** Dropped without a word, it would let somebody in from everywhere. */
const allowNetsLines = [
  '  allow_nets: no store minds it by itself. Let enroll keep it and the query give it back, and put the policy permit with',
  '  networks: attributes.allow_nets into the plugin list; otherwise these users may log in from everywhere',
];

const backendLines = ({ backends }: Findings): readonly string[] =>
  backends.length === 0 ? [] : [`names that a table takes for backends, to be declared: ${backends.join(', ')}`];

const writtenLines = (report: ImportReport): readonly string[] => {
  const { refused, into, table, findings, dryRun } = report;
  if (refused) return ['', `nothing was imported: ${wayOut(findings)}`];
  if (findings.users + findings.homes === 0) return ['', 'nothing was written, and there is nothing to write'];
  if (into !== undefined) return intoLines(into, dryRun);
  return ['', table === undefined ? unwritten(report) : `${counted(table.rows, 'row')} written to ${table.file}`];
};

/** Nobody should take a report for an import. */
const unwritten = ({ format, dryRun }: ImportReport): string => {
  if (dryRun) return 'nothing was written (--dry-run)';
  return format === 'popmap'
    ? 'nothing was written; --to-table FILE writes the rows into a table'
    : 'nothing was written; --into INSTANCE keeps the users in a store, --dry-run with it only asks who is there';
};

const wayOut = ({ broken }: Findings): string => {
  if (broken.some(({ whole }) => whole === true)) return 'mend the header first, since nothing can be read without it';
  return broken.length === 1 ? 'mend the line, or leave it out with --skip-broken' : 'mend the lines, or leave them out with --skip-broken';
};

const intoLines = ({ store, written }: NonNullable<ImportReport['into']>, dryRun: boolean): readonly string[] => {
  const { enrolled, conflicts, failed, brokenOff } = written;
  const first = failed.slice(0, 20).join(', ');
  return [
    '',
    dryRun
      ? `${store}, asked and not written to: ${enrolled} new, ${conflicts} there already`
      : `${store}: ${enrolled} kept, ${conflicts} left as they were (there already, or no row for them)`,
    ...(failed.length === 0 ? [] : [`${failed.length} of which the store could not tell; lines ${first}${failed.length > 20 ? ' …' : ''}`]),
    ...(brokenOff ? ['broken off; the same command goes on where it stopped: what is kept is not written twice'] : []),
  ];
};
