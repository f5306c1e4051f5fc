import { setTimeout } from 'node:timers/promises';
import type { Comparison, ComparisonKind, LedgerEvent } from '@postern/contract';
import { CapturedLog, CapturedMetrics, LiveClock } from '@postern/testkit';
import { Book, LedgerReader, type FactsWanted, type LedgerFacts } from '@postern/ledger';

export const never = new AbortController().signal;

/** Live, and as far ahead or behind as a test wants. */
export class MovedClock extends LiveClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

export interface OpenedBook {
  readonly book: Book;
  readonly clock: MovedClock;
  readonly log: CapturedLog;
  readonly metrics: CapturedMetrics;
  /** Resolves once so many users and counters were written. */
  written(count: number): Promise<void>;
}

export const openBook = (url: string): OpenedBook => {
  const [clock, log, metrics] = [new MovedClock(), new CapturedLog(), new CapturedMetrics()];
  const book = new Book({ url, clock, log, metrics });
  const written = (count: number): Promise<void> => until(() => metrics.value('ledger_notes_total', { result: 'written' }) >= count);
  return { book, clock, log, metrics, written };
};

export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await setTimeout(5);
};

export const accepted = (user: string, store = 'staff'): LedgerEvent => ({ kind: 'answered', user, store, outcome: 'accepted' });

export const rejected = (user: string, store = 'staff'): LedgerEvent => ({ kind: 'answered', user, store, outcome: 'rejected' });

export const captured = (user: string, digest = 'd1'): LedgerEvent => ({
  ...{ kind: 'captured', user, from: 'staff', into: 'customers', scheme: 'ARGON2ID', digest },
});

export const capturing = (user: string, digest = 'd1'): LedgerEvent => ({ kind: 'capturing', user, into: 'customers', digest });

export const withdrawn = (user: string): LedgerEvent => ({ kind: 'withdrawn', user, into: 'customers', why: 'newer' });

export const compared = (user: string, kind: ComparisonKind, more: Partial<Comparison> = {}): LedgerEvent => ({
  kind: 'compared',
  comparison: { user, answering: 'staff', other: 'customers', kind, differing: [], answeringMs: 4, otherMs: 2, ...more },
});

export const factsOf = async (url: string, more: Partial<FactsWanted> = {}): Promise<LedgerFacts> => {
  const reader = new LedgerReader({ url, clock: new LiveClock(), log: new CapturedLog() });
  try {
    const wanted = {
      from: 'staff',
      into: 'customers',
      activeSince: 1,
      matchingSince: Date.now(),
      firstDay: '2000-01-01',
      most: 100,
      ...more,
    };
    return await reader.facts(wanted, never);
  } finally {
    await reader.close();
  }
};

/** How often something was counted, over all days and domains. */
export const counted = ({ days }: LedgerFacts, kind: string): number =>
  days.filter((day) => day.kind === kind).reduce((sum, { events }) => sum + events, 0);
