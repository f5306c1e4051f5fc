import type { MigrationConfig } from '@postern/kernel';
import type { DomainFacts, LedgerFacts } from '@postern/ledger';
import { isAmong, type Standing } from './standing.js';

/** One condition of a phase's end. */
export interface Check {
  readonly what: string;
  readonly holds: boolean;
  readonly is: string;
  readonly wanted: string;
}

export interface ExitRule {
  /** Whether the next phase may begin. */
  readonly holds: boolean;
  readonly checks: readonly Check[];
  /** Phases 2 and 3: the domains that `into` could answer, those that it does already left out. */
  readonly ready: readonly string[];
}

export interface ExitParts {
  readonly standing: Standing;
  readonly facts: LedgerFacts;
  readonly exit: MigrationConfig['exit'];
  readonly now: number;
  /** Domains the step is for; empty: all that are ready. */
  readonly domains: readonly string[];
  /** Phase 5: those of its users that `into` can answer. */
  readonly settled: ReadonlySet<string>;
}

const dayMs = 86_400_000;

/** Whether a phase is done, with the numbers. */
export const exitRule = (parts: ExitParts): ExitRule => {
  const rule = (checks: readonly Check[], ready: readonly string[] = []): ExitRule => ({
    holds: checks.every(({ holds }) => holds),
    checks,
    ready,
  });
  const { standing } = parts;
  switch (standing.phase) {
    case 0:
      return rule([there('the new store is in the list', standing.into !== undefined)]);
    case 1:
      return rule(shadowChecks(parts));
    case 2: {
      const ready = readyDomains(parts);
      return rule(swapChecks(parts, ready), ready);
    }
    case 3: {
      const ready = readyDomains(parts);
      if (parts.domains.length > 0 || ready.length > 0) return rule(swapChecks(parts, ready), ready);
      return rule([...stableChecks(parts), allSwapped(parts)], ready);
    }
    case 4:
      return rule([...stableChecks(parts), nearZero(parts), disabledCheck(parts)]);
    case 5:
      return rule([tailCheck(parts), disabledCheck(parts)]);
    case 6:
      return rule([]);
  }
};

const there = (what: string, holds: boolean): Check => ({ what, holds, is: holds ? 'yes' : 'no', wanted: 'yes' });

const shadowChecks = ({ facts, exit, now }: ExitParts): readonly Check[] => {
  const compared = sumOf(facts.domains, 'compared');
  const attributes = sumOf(facts.domains, 'attributes');
  const comparedFor = facts.begun === undefined ? 0 : now - facts.begun;
  return [
    { what: 'compared for', holds: comparedFor >= exit.observeFor, is: timeText(comparedFor), wanted: timeText(exit.observeFor) },
    { what: 'users compared', holds: compared >= exit.minCompared, is: String(compared), wanted: `at least ${exit.minCompared}` },
    shareCheck('users who mismatch', { part: sumOf(facts.domains, 'mismatching'), whole: compared, limit: exit.mismatches, most: true }),
    { what: 'users whose attributes or backend differ', holds: attributes === 0, is: String(attributes), wanted: '0' },
  ];
};

/** Active domains that are not swapped yet and could be. Users without a domain can only be swapped with all others. */
const readyDomains = ({ facts, exit, standing }: ExitParts): readonly string[] =>
  facts.domains
    .filter(({ domain, active }) => domain !== '' && domain !== '?' && active > 0 && !isAmong(domain, standing.domains))
    .filter((one) => domainChecks(one, exit).every(({ holds }) => holds))
    .map(({ domain }) => domain);

const domainChecks = (one: DomainFacts, exit: MigrationConfig['exit']): readonly Check[] => [
  shareCheck(`${one.domain}: active users captured or the same in both`, {
    ...{ part: one.covered, whole: one.active, limit: exit.captured, most: false },
  }),
  shareCheck(`${one.domain}: users who mismatch`, { part: one.mismatching, whole: one.compared, limit: exit.mismatches, most: true }),
];

const swapChecks = ({ facts, exit, domains }: ExitParts, ready: readonly string[]): readonly Check[] => {
  if (domains.length === 0) {
    const behind = facts.domains.filter(({ active }) => active > 0).flatMap((one) => domainChecks(one, exit));
    const any = { what: 'domains that are ready', holds: ready.length > 0, is: ready.join(', ') || 'none', wanted: 'at least one' };
    return ready.length > 0 ? [any] : [any, ...behind];
  }
  return domains.flatMap((domain) => {
    const one = facts.domains.find((known) => isAmong(known.domain, [domain]));
    return one === undefined ? [there(`${domain}: somebody was seen`, false)] : domainChecks(one, exit);
  });
};

/** One percentage point more errors than the old store had may be chance. */
const errorsMore = 0.01;

const stableChecks = ({ facts, exit, now, standing }: ExitParts): readonly Check[] => {
  const [into, from] = [standing.into?.name ?? '', standing.from?.name ?? ''];
  const first = facts.days.find(({ store, kind }) => store === into && kind === 'accepted')?.day;
  // The first day is seldom a whole one: where days count, it does not.
  const start = first === undefined ? now : Date.parse(first) + (exit.stableFor >= dayMs ? dayMs : 0);
  const since = dayText(now - exit.stableFor);
  const errors = errorShare(facts, (store, day) => store === into && day >= since);
  // The first day, too: where a step follows the other within a day, there is no day before.
  const baseline = errorShare(facts, (store, day) => store === from && (first === undefined || day <= first));
  const wanted = Math.min(1, baseline + errorsMore);
  return [
    {
      what: `"${into}" has answered for`,
      holds: now - start >= exit.stableFor,
      is: timeText(Math.max(0, now - start)),
      wanted: timeText(exit.stableFor),
    },
    { what: `its logins rejected or deferred`, holds: errors <= wanted, is: shareText(errors), wanted: `at most ${shareText(wanted)}` },
  ];
};

const errorShare = (facts: LedgerFacts, counts: (store: string, day: string) => boolean): number => {
  const of = (...kinds: readonly string[]): number => eventsOf(facts, ({ store, day, kind }) => counts(store, day) && kinds.includes(kind));
  const all = of('accepted', 'rejected', 'deferred');
  return all === 0 ? 0 : of('rejected', 'deferred') / all;
};

const allSwapped = ({ facts, standing, exit }: ExitParts): Check => {
  const left = facts.domains.filter(({ domain, active }) => active > 0 && !isAmong(domain, standing.domains));
  const notReady = left
    .filter((one) => domainChecks(one, exit).some(({ holds }) => !holds))
    .map(({ domain }) => domain || 'without a domain');
  return { what: 'domains that are not ready', holds: notReady.length === 0, is: notReady.join(', ') || 'none', wanted: 'none' };
};

const nearZero = ({ facts, exit, now, standing }: ExitParts): Check => {
  const since = dayText(now - exit.stableFor);
  const accepted = (of?: string): number =>
    eventsOf(facts, ({ day, store, kind }) => day >= since && kind === 'accepted' && (of === undefined || store === of));
  const name = standing.from?.name ?? '';
  return shareCheck(`logins that "${name}" still answers`, { part: accepted(name), whole: accepted(), limit: exit.mismatches, most: true });
};

const tailCheck = ({ standing, settled }: ExitParts): Check => {
  const left = standing.users.filter((user) => !settled.has(user));
  return { what: 'users of the list that only the old store can answer', holds: left.length === 0, is: String(left.length), wanted: '0' };
};

/** Afterwards nobody asks the old store about those that the new one lets in. */
const disabledCheck = ({ standing, facts: { disabledInOld } }: ExitParts): Check => {
  const [from, into] = [standing.from?.name ?? '', standing.into?.name ?? ''];
  const what = `users disabled in "${from}" and not in "${into}"`;
  return { what, holds: disabledInOld.total === 0, is: String(disabledInOld.total), wanted: '0' };
};

interface ShareParts {
  readonly part: number;
  readonly whole: number;
  readonly limit: number;
  /** Whether the limit is the most or the least. */
  readonly most: boolean;
}

const shareCheck = (what: string, { part, whole, limit, most }: ShareParts): Check => {
  const share = whole === 0 ? 0 : part / whole;
  const holds = most ? share <= limit : whole > 0 && share >= limit;
  return { what, holds, is: `${part} of ${whole} (${shareText(share)})`, wanted: `${most ? 'at most' : 'at least'} ${shareText(limit)}` };
};

const sumOf = (domains: readonly DomainFacts[], key: Exclude<keyof DomainFacts, 'domain'>): number =>
  domains.reduce((sum, one) => sum + one[key], 0);

const eventsOf = ({ days }: LedgerFacts, counts: (day: LedgerFacts['days'][number]) => boolean): number =>
  days.reduce((sum, day) => sum + (counts(day) ? day.events : 0), 0);

export const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const shareText = (share: number): string => `${Number((share * 100).toFixed(2))}%`;

/** In the largest unit that fits. */
const timeText = (ms: number): string => {
  const [unit, size] =
    (
      [
        ['d', dayMs],
        ['h', 3_600_000],
        ['m', 60_000],
      ] as const
    ).find(([, each]) => ms >= each) ?? (['s', 1000] as const);
  return `${Number((ms / size).toFixed(1))}${unit}`;
};
