import type { CampaignResult, Played } from './campaign.js';
import type { Ledger } from './ledger.js';

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

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** How often each fault was injected, and how long logins took to come back. */
const faultTable = (played: readonly Played[]): string => {
  const times = new Map<string, number[]>();
  for (const { round, recoveredMs } of played) {
    const name = round.faults.map(({ victim, fault }) => `${victim} ${fault}`).join(' + ');
    times.set(name, [...(times.get(name) ?? []), recoveredMs]);
  }
  const rows = [...times]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, all]) => {
      const sorted = [...all].sort((one, other) => one - other);
      return [name, sorted.length, seconds(median(sorted)), seconds(sorted.at(-1) ?? 0)];
    });
  return table([['fault', 'times', 'recovery s', 'longest s'], ...rows]);
};

const answerTable = (ledger: Ledger): string => {
  const columns = (['door', 'nginx'] as const).flatMap((way) => (['right', 'wrong'] as const).map((mood) => ({ way, mood })));
  const head = ['answers', ...columns.map(({ way, mood }) => `${mood}, ${way}`)];
  return table([head, ...ledger.kinds.map((kind) => [kind, ...columns.map(({ way, mood }) => ledger.count(way, mood, kind))])]);
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
      ['slowest answer with words, s', seconds(ledger.slowestMs)],
      ['longest recovery, s', seconds(Math.max(0, ...played.map(({ recoveredMs }) => recoveredMs)))],
      ['open handles, before and after', `${before.handles}, ${after.handles}`],
      ['memory in MB, before and after', `${before.memory.toFixed(0)}, ${after.memory.toFixed(0)}`],
      ['violations', violations.length],
      ...ledger.sins.map(([kind, times]) => [`  ${kind}`, times]),
    ]),
    ...violations.slice(0, most).map(({ kind, text }) => `${kind}: ${text}`),
  ].join('\n\n');
};
