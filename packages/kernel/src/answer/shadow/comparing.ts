import type { Account, Comparison, ComparisonKind, LedgerEvent, Lookup, Mechanism, NamedStore, Verdict } from '@postern/contract';
import type { StoreAnswer } from '../journal.js';

/** What a store in the shadow is asked. */
export type ShadowQuestion = 'verify' | 'lookup';

/**
 * A password goes there only after it was accepted: one that is wrong would be counted twice by stores that lock accounts. For somebody
 * who is unknown or kept out, the shadow says who that is, without a proof. Undefined: it is not asked.
 */
export const questionFor = (verdict: Verdict, mechanism: Mechanism, shadow: NamedStore): ShadowQuestion | undefined => {
  switch (verdict.kind) {
    case 'accepted':
      return shadow.abilities.mechanisms.includes(mechanism) ? 'verify' : undefined;
    case 'refused':
      // Not of the account, but of where the login came from.
      if (verdict.why === 'policy' || verdict.why === 'tls-required') return undefined;
      return shadow.lookup === undefined ? undefined : 'lookup';
    case 'unknown-user':
      return shadow.lookup === undefined ? undefined : 'lookup';
    case 'rejected':
    case 'limited':
    case 'unsupported':
    case 'deferred':
      return undefined;
  }
};

/** How the answering store's word and the shadow's compare, as long as nobody has looked at the accounts. */
export const kindOf = (answering: Verdict, other: Verdict | Lookup): ComparisonKind => {
  switch (other.kind) {
    case 'accepted':
    case 'found':
      return letsIn(answering);
    case 'rejected':
      return 'ok/mismatch';
    case 'unknown-user':
      return answering.kind === 'accepted' ? 'ok/unknown' : 'match';
    case 'refused':
      return answering.kind === 'accepted' ? 'ok/disabled' : 'match';
    case 'limited':
    case 'unsupported':
    case 'deferred':
      return 'undecided';
  }
};

const letsIn = (answering: Verdict): ComparisonKind => {
  switch (answering.kind) {
    case 'accepted':
      return 'match';
    case 'refused':
      return 'disabled/ok';
    case 'unknown-user':
      return 'unknown/ok';
    case 'rejected':
    case 'limited':
    case 'unsupported':
    case 'deferred':
      return 'undecided';
  }
};

/** What the chain itself shows when a store accepted whom an earlier one did not: it costs no question. */
export const chainComparisons = (user: string, answers: readonly StoreAnswer[], deciding: StoreAnswer): readonly Comparison[] => {
  if (deciding.verdict.kind !== 'accepted') return [];
  return answers.slice(0, answers.indexOf(deciding)).flatMap(({ store, verdict, ms }) => {
    const kind = verdict.kind === 'rejected' ? 'mismatch/ok' : verdict.kind === 'unknown-user' ? 'unknown/ok' : undefined;
    if (kind === undefined) return [];
    return [{ user, answering: store, other: deciding.store, kind, differing: [], answeringMs: ms, otherMs: deciding.ms }];
  });
};

/** The attributes of these names that differ, where either side has them. */
export const differingAttributes = (names: readonly string[], one: Account, other: Account): readonly string[] =>
  names.filter((name) => attributeOf(one, name) !== attributeOf(other, name));

/** Whether no router could tell them apart. */
export const sameToRouters = (one: Account, other: Account): boolean =>
  one.user === other.user &&
  differingAttributes([...Object.keys(one.attributes), ...Object.keys(other.attributes)], one, other).length === 0;

/** Names come from outside. */
const attributeOf = ({ attributes }: Account, name: string): string | undefined =>
  Object.hasOwn(attributes, name) ? attributes[name] : undefined;

/** What the ledger is told of a login; undefined: nothing, since no store had a word on it. */
export const answeredEvent = (user: string, { store, verdict: { kind } }: StoreAnswer): LedgerEvent | undefined => {
  switch (kind) {
    case 'accepted':
    case 'rejected':
    case 'refused':
    case 'deferred':
      return { kind: 'answered', user, store, outcome: kind };
    case 'unknown-user':
    case 'limited':
    case 'unsupported':
      return undefined;
  }
};
