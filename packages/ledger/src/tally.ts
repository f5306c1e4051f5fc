import type { LedgerEvent } from '@postern/contract';

/** How often something happened in a domain on a day, to be added to what the book says. */
export interface Tally {
  /** `2026-01-31`, UTC. */
  readonly day: string;
  /** As it is kept; empty for users without one, `?` for one nobody was let in from yet. */
  readonly domain: string;
  /** Instance name: of the store that answered, or into which was written. */
  readonly store: string;
  /** Of a comparison: the store in the shadow. Else empty. */
  readonly other: string;
  /** An outcome, a kind of comparison, `captured`, `failed-conflict`, `failed-deferred`, `withdrawn-mismatch`, `withdrawn-newer`. */
  readonly kind: string;
  readonly events: number;
  /** Milliseconds that both took together, of comparisons. */
  readonly storeMs: number;
  readonly otherMs: number;
}

export const unknownDomain = '?';

export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What an event counts as. Undefined: nothing. */
export const tallyOf = (event: LedgerEvent, day: string, domain: string): Tally | undefined => {
  const one = { day, domain, other: '', events: 1, storeMs: 0, otherMs: 0 };
  switch (event.kind) {
    case 'answered':
      return { ...one, store: event.store, kind: event.outcome };
    case 'compared': {
      const { answering, other, kind, answeringMs, otherMs } = event.comparison;
      return { ...one, store: answering, other, kind, storeMs: wholeMs(answeringMs), otherMs: wholeMs(otherMs) };
    }
    case 'captured':
      return event.since === undefined ? { ...one, store: event.into, kind: 'captured' } : undefined;
    case 'capture-failed':
      return { ...one, store: event.into, kind: `failed-${event.why}` };
    case 'withdrawn':
      return { ...one, store: event.into, kind: `withdrawn-${event.why}` };
    case 'capturing':
    case 'disabled':
    case 'enabled':
      return undefined;
  }
};

export const keyOf = ({ day, domain, store, other, kind }: Tally): string => [day, domain, store, other, kind].join('\n');

export const added = (one: Tally, more: Tally): Tally => ({
  ...one,
  events: one.events + more.events,
  storeMs: one.storeMs + more.storeMs,
  otherMs: one.otherMs + more.otherMs,
});

const wholeMs = (ms: number): number => (Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0);
