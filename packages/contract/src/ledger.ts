/**
 * How two stores compare over one login, the answering store's word first. `ok/mismatch`: the other one holds another password for the
 * user. `undecided`: one of them could not tell.
 */
export const comparisonKinds = [
  'match',
  'attributes',
  'ok/unknown',
  'ok/mismatch',
  'ok/disabled',
  'mismatch/ok',
  'unknown/ok',
  'disabled/ok',
  'undecided',
] as const;

export type ComparisonKind = (typeof comparisonKinds)[number];

/** What another store would have said of a login that one has answered. Holds no password and no attribute's value. */
export interface Comparison {
  /** Canonical. */
  readonly user: string;
  /** Instance names. */
  readonly answering: string;
  readonly other: string;
  readonly kind: ComparisonKind;
  /** Of `attributes`: the names of those that differ; `user` for the canonical name, `route` for the backend chosen. */
  readonly differing: readonly string[];
  /** Milliseconds each of them took. */
  readonly answeringMs: number;
  readonly otherMs: number;
}

/** What a migration between stores leaves behind, one thing at a time. Users are canonical, stores are instance names. */
export type LedgerEvent =
  /** A login was answered by a store. */
  | {
      readonly kind: 'answered';
      readonly user: string;
      readonly store: string;
      readonly outcome: 'accepted' | 'rejected' | 'refused' | 'deferred';
    }
  | { readonly kind: 'compared'; readonly comparison: Comparison }
  /**
   * A hash is about to be written to `into`, or one that was captured to be taken away: whoever finds it there later knows by `digest` whose
   * it is, and whoever finds none that the old store has to be asked. To be kept before the writing.
   */
  | { readonly kind: 'capturing'; readonly user: string; readonly into: string; readonly digest: string }
  /**
   * The hash of a password that `from` accepted is kept in `into` now. `scheme`: as in `{SCHEME}`. `digest`: of the hash, never the hash
   * itself, at most 64 characters. `since`: it replaced another hash of the same password, which was captured then, in milliseconds since 1970.
   */
  | {
      readonly kind: 'captured';
      readonly user: string;
      readonly from: string;
      readonly into: string;
      readonly scheme: string;
      readonly digest: string;
      readonly since?: number;
    }
  /** `conflict`: nothing was written. `deferred`: perhaps it was. */
  | { readonly kind: 'capture-failed'; readonly user: string; readonly into: string; readonly why: 'conflict' | 'deferred' }
  /** A captured hash was taken away again. */
  | { readonly kind: 'withdrawn'; readonly user: string; readonly into: string; readonly why: 'mismatch' | 'newer' }
  /** Seen disabled, or no longer so, in `store`. */
  | { readonly kind: 'disabled' | 'enabled'; readonly user: string; readonly store: string };

/** A hash that a migration wrote, or was about to write. */
export interface HashNote {
  /** Instance name of the store. */
  readonly into: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As it was noted. */
  readonly digest: string;
}

/** What is remembered of one user. */
export interface LedgerEntry {
  /** Absent: nothing captured stands in a store now, as far as is known. */
  readonly captured?: HashNote;
  /** A hash was about to be written, or taken away, and nobody told what became of it: it may stand in the store now. */
  readonly capturing?: HashNote;
  /** A captured hash was taken away, and none was captured since: the old store alone knows the password. Milliseconds since 1970. */
  readonly withdrawnAt?: number;
  /** Stores in which the user was last seen disabled. */
  readonly disabledIn: readonly string[];
}

/** The book of a migration, the same for all workers and hosts that write to one. Outlives restarts. */
export interface Ledger {
  /** Never rejects and waits for nobody: events are gathered and written together. Under more than it can take, the oldest go. */
  note(event: LedgerEvent): void;
  /** Notes it, and resolves once it would outlive this process. Rejects when that cannot be had now; it may be kept all the same. */
  keep(event: LedgerEvent, signal: AbortSignal): Promise<void>;
  /** Hears what is noted in this process from now on; the returned function ends it. */
  follow(hear: (event: LedgerEvent) => void): () => void;
  /** Sees what this process noted, at once. Undefined: nothing is known of the user. Rejects when the book cannot be read. */
  find(user: string, signal: AbortSignal): Promise<LedgerEntry | undefined>;
}
