/** The users of one domain, or of all, as numbers. */
export interface DomainFacts {
  /** Empty for users without one. */
  readonly domain: string;
  readonly users: number;
  /** Let in since `activeSince`. */
  readonly active: number;
  /** Of the active: a captured hash stands in `into`. */
  readonly captured: number;
  /** Of the active: captured, or both stores said the same at the last comparison. */
  readonly covered: number;
  /** Compared at least once, with an outcome. */
  readonly compared: number;
  /** Of the compared, at the last comparison: the same, and for how many of them since `matchingSince` at least. */
  readonly matching: number;
  readonly matchingLong: number;
  /** Of the compared, at the last comparison: different, and of them those whose attributes differ. */
  readonly mismatching: number;
  readonly attributes: number;
  /** Let in, but not since `activeSince`. */
  readonly dormant: number;
}

/** What happened on one day in one domain; see `Tally`. */
export interface DayFacts {
  readonly day: string;
  readonly domain: string;
  readonly store: string;
  readonly other: string;
  readonly kind: string;
  readonly events: number;
  readonly storeMs: number;
  readonly otherMs: number;
}

/** A user in a list. Moments are milliseconds since 1970, 0 for never. */
export interface ListedUser {
  readonly user: string;
  readonly lastSeen: number;
  readonly comparedKind: string;
  readonly comparedSince: number;
}

/** Users of a list, and how many there are in all. */
export interface UserList {
  readonly total: number;
  readonly users: readonly ListedUser[];
}

/** A step that an operator took. */
export interface StepFacts {
  readonly at: number;
  readonly step: string;
  readonly reason: string;
}

export interface LedgerFacts {
  /** When the first thing was noted of a user; undefined: nothing was. */
  readonly begun: number | undefined;
  /** In alphabetical order. */
  readonly domains: readonly DomainFacts[];
  readonly days: readonly DayFacts[];
  readonly mismatching: UserList;
  readonly dormant: UserList;
  /** Neither captured nor the same in both stores, and not answered by `into`: who is left when `from` goes. */
  readonly left: UserList;
  /** Users seen disabled in a store. */
  readonly disabled: number;
  /** Seen disabled in `from`, and not in `into`: who would be let in again when `from` goes. */
  readonly disabledInOld: UserList;
  /** The newest first, 50 at most. */
  readonly steps: readonly StepFacts[];
}

export interface FactsWanted {
  readonly from: string;
  readonly into: string;
  readonly activeSince: number;
  readonly matchingSince: number;
  /** First day of the counters, as `2026-01-31`. */
  readonly firstDay: string;
  /** Users in a list at most. */
  readonly most: number;
}

export const noFacts: LedgerFacts = {
  begun: undefined,
  domains: [],
  days: [],
  mismatching: { total: 0, users: [] },
  dormant: { total: 0, users: [] },
  left: { total: 0, users: [] },
  disabled: 0,
  disabledInOld: { total: 0, users: [] },
  steps: [],
};
