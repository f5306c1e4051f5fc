import type { CampaignResult, Played, Recovery } from './campaign.js';
import type { Ledger } from './ledger.js';
import { violationKinds } from './model.js';
import { truths } from './passwords.js';

const table = (rows: readonly (readonly (string | number)[])[]): string => {
  const texts = rows.map((row) => row.map(String));
  const widths = texts[0]?.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0))) ?? [];
  return texts
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** How often each fault was injected, and how long it took at most until logins came back, and until all was well. */
const faultTable = (played: readonly Played[]): string => {
  const byName = new Map<string, Played[]>();
  for (const each of played) {
    const name = each.round.faults.map(({ victim, fault }) => `${victim} ${fault}`).join(' + ');
    byName.set(name, [...(byName.get(name) ?? []), each]);
  }
  const rows = [...byName]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, all]) => [name, all.length, seconds(longest(all, 'loginsMs')), seconds(longest(all, 'readyMs'))]);
  return table([['fault', 'times', 'logins back, s', 'ready, s'], ...rows]);
};

const longest = (played: readonly Played[], what: keyof Recovery): number => Math.max(0, ...played.map((each) => each[what]));

/** `either`: a password that was being changed. */
const answerTable = (ledger: Ledger): string => {
  const columns = (['door', 'nginx'] as const).flatMap((way) => truths.map((truth) => ({ way, truth })));
  const head = ['answers', ...columns.map(({ way, truth }) => `${truth}, ${way}`)];
  return table([head, ...ledger.kinds.map((kind) => [kind, ...columns.map(({ way, truth }) => ledger.count(way, truth, kind))])]);
};

const most = 20;

/** The table of a run, for people. */
export const reportOf = ({ seed, ledger, played, vitals: { before, after } }: CampaignResult): string => {
  const { violations } = ledger;
  const faults = played.reduce((sum, { round }) => sum + round.faults.length, 0);
  return [
    faultTable(played),
    answerTable(ledger),
    table([
      ['seed', seed],
      ['faults injected', faults],
      ['logins tried', ledger.tried],
      ['put off though nothing it needs was out', ledger.idle],
      ['slowest answer while the gateway was there, s', seconds(ledger.slowestMs)],
      [
        'longest until logins were back, and until ready, s',
        `${seconds(longest(played, 'loginsMs'))}, ${seconds(longest(played, 'readyMs'))}`,
      ],
      ['open handles, before and after', `${before.handles}, ${after.handles}`],
      ['memory in MB, before and after', `${before.memory.toFixed(0)}, ${after.memory.toFixed(0)}`],
      ['violations', violations.length],
      ...ledger.sins.map(([kind, times]) => [`  ${kind}`, times]),
    ]),
    ...[...violations]
      .sort((one, other) => violationKinds.indexOf(other.kind) - violationKinds.indexOf(one.kind))
      .slice(0, most)
      .map(({ kind, text }) => `${kind}: ${text}`),
  ].join('\n\n');
};
