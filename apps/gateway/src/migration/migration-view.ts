import { SystemClock, type ResolvedConfig } from '@postern/kernel';
import { LedgerReader, type LedgerFacts } from '@postern/ledger';
import { dayText, exitRule, type ExitRule } from './exit-rule.js';
import { listOf } from './migration-list.js';
import { standingOf, type Standing } from './standing.js';

/** All there is to say of a migration now. */
export interface MigrationView {
  readonly standing: Standing;
  readonly facts: LedgerFacts;
  readonly exit: ExitRule;
  readonly now: number;
}

export interface Wish {
  readonly domains: readonly string[];
  /** Users in a list at most. */
  readonly most: number;
}

export type ViewReading = { readonly kind: 'view'; readonly view: MigrationView } | { readonly kind: 'unclear'; readonly why: string };

/** For silence; a book of millions of users takes its time. */
const patienceMs = 30_000;
const shortestHistoryMs = 14 * 86_400_000;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens the book of a config for as long as `use` takes. */
export const withReader = async <T>(
  { core }: ResolvedConfig,
  use: (reader: LedgerReader, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const reader = new LedgerReader({ url: core.migration.ledger.address.text, clock: new SystemClock(), log: silent });
  try {
    return await use(reader, AbortSignal.timeout(patienceMs));
  } finally {
    await reader.close();
  }
};

/** Throws when the book cannot be read. */
export const viewOf = async (config: ResolvedConfig, wish: Wish): Promise<ViewReading> => {
  const { migration } = config.core;
  const reading = standingOf(listOf(config), migration);
  if (reading.kind === 'unclear') return reading;
  const { standing } = reading;
  const { exit } = migration;
  const now = Date.now();
  const into = standing.into?.name ?? migration.into ?? '';
  const wanted = {
    ...{
      from: standing.from?.name ?? migration.from ?? '',
      into,
      most: wish.most,
      activeSince: now - exit.dormantAfter,
      matchingSince: now - exit.stableFor,
    },
    firstDay: dayText(now - Math.max(shortestHistoryMs, 2 * exit.stableFor)),
  };
  return withReader(config, async (reader, signal) => {
    const facts = await reader.facts(wanted, signal);
    const settled = standing.phase === 5 ? await reader.settled(standing.users, into, signal) : new Set<string>();
    const rule = exitRule({ standing, facts, exit, now, domains: wish.domains, settled });
    return { kind: 'view', view: { standing, facts, exit: rule, now } };
  });
};
