import type { ComparisonKind, HashNote, LedgerEntry, LedgerEvent } from '@postern/contract';

/** What a comparison means for a migration. `missing`: the other store does not know the user (yet). */
export type ComparisonClass = 'match' | 'missing' | 'mismatch';

/** Undefined: it says nothing. */
export const classOf = (kind: ComparisonKind): ComparisonClass | undefined => classes[kind];

const classes: Readonly<Record<ComparisonKind, ComparisonClass | undefined>> = {
  match: 'match',
  attributes: 'mismatch',
  'ok/unknown': 'missing',
  'ok/mismatch': 'mismatch',
  'ok/disabled': 'mismatch',
  'mismatch/ok': 'mismatch',
  'unknown/ok': 'missing',
  'disabled/ok': 'mismatch',
  undecided: undefined,
};

/** `into` is empty when nothing captured stands any more. */
export interface CaptureNote extends HashNote {
  readonly from: string;
  readonly scheme: string;
}

export interface ComparisonNote {
  readonly at: number;
  readonly kind: ComparisonKind;
  readonly class: ComparisonClass;
  /** Since when it is of this class. */
  readonly since: number;
  /** How often the class changed between the first note and this one. */
  readonly turns: number;
}

/** What is known of a user, with the moments by which two records of one user are put together. */
export interface UserRecord {
  readonly captured: HashNote;
  readonly capturing: HashNote;
  readonly disabledIn: ReadonlySet<string>;
}

/** What was noted of one user since the last writing: of each kind the newest. Moments are milliseconds since 1970. */
export class UserNotes {
  readonly first: number;
  #seen: { readonly at: number; readonly store: string } | undefined;
  #captured: CaptureNote | undefined;
  #capturing: HashNote | undefined;
  #compared: ComparisonNote | undefined;
  readonly #disabled = new Map<string, { readonly at: number; readonly disabled: boolean }>();

  constructor(at: number) {
    this.first = at;
  }

  get seen(): { readonly at: number; readonly store: string } | undefined {
    return this.#seen;
  }

  get captured(): CaptureNote | undefined {
    return this.#captured;
  }

  /** `into` is empty when it is known what became of it. */
  get capturing(): HashNote | undefined {
    return this.#capturing;
  }

  get compared(): ComparisonNote | undefined {
    return this.#compared;
  }

  /** By store. */
  get disabled(): ReadonlyMap<string, { readonly at: number; readonly disabled: boolean }> {
    return this.#disabled;
  }

  take(event: LedgerEvent, at: number): void {
    switch (event.kind) {
      case 'answered':
        this.#seen = { at, store: event.store };
        return;
      case 'compared':
        return this.#takeComparison(event.comparison.kind, at);
      case 'capturing':
        this.#capturing = { at, into: event.into, digest: event.digest };
        return;
      case 'captured': {
        const { into, from, scheme, digest, since = at } = event;
        this.#captured = newer({ at: since, into, from, scheme, digest }, this.#captured);
        this.#capturing = { at, ...nothing };
        return;
      }
      case 'withdrawn':
        this.#captured = { at, ...nothing, from: '', scheme: '' };
        this.#capturing = { at, ...nothing };
        return;
      case 'disabled':
      case 'enabled':
        this.#disabled.set(event.store, { at, disabled: event.kind === 'disabled' });
        return;
      case 'capture-failed':
        if (event.why === 'conflict') this.#capturing = { at, ...nothing };
        return;
    }
  }

  /** Puts these notes on top of what was known before. */
  over(known: UserRecord | undefined): UserRecord {
    const before = known ?? { captured: { at: 0, ...nothing }, capturing: { at: 0, ...nothing }, disabledIn: new Set<string>() };
    const disabledIn = new Set(before.disabledIn);
    for (const [store, { disabled }] of this.#disabled) {
      if (disabled) disabledIn.add(store);
      else disabledIn.delete(store);
    }
    return { captured: newer(this.#captured, before.captured), capturing: newer(this.#capturing, before.capturing), disabledIn };
  }

  #takeComparison(kind: ComparisonKind, at: number): void {
    const found = classOf(kind);
    if (found === undefined) return;
    const before = this.#compared;
    const same = before?.class === found;
    const turns = (before?.turns ?? 0) + (before === undefined || same ? 0 : 1);
    this.#compared = { at, kind, class: found, since: same ? before.since : at, turns };
  }
}

const nothing = { into: '', digest: '' } as const;

/** Of two that were noted at once, the first. */
const newer = <T extends HashNote, B extends HashNote | undefined>(note: T | undefined, before: B): T | B =>
  note === undefined || (before !== undefined && note.at < before.at) ? before : note;

const noteOf = ({ into, at, digest }: HashNote): HashNote => ({ into, at, digest });

export const entryOf = ({ captured, capturing, disabledIn }: UserRecord): LedgerEntry => ({
  ...(captured.into === '' ? {} : { captured: noteOf(captured) }),
  ...(capturing.into === '' ? {} : { capturing: noteOf(capturing) }),
  ...(captured.into === '' && captured.at > 0 ? { withdrawnAt: captured.at } : {}),
  disabledIn: [...disabledIn].sort(),
});
