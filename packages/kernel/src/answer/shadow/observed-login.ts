import type { Account, BackendRef, LoginAttempt } from '@postern/contract';
import { strength } from '../chain.js';
import type { StoreAnswer } from '../journal.js';

/** A login that has been answered. Holds the proof and perhaps secrets of the account: let go of it soon. */
export interface ObservedLogin {
  readonly attempt: LoginAttempt;
  /** What the stores said, in the order of asking. */
  readonly answers: readonly StoreAnswer[];
  /** As it came out of the policies; absent when nobody was let in. */
  readonly account?: Account | undefined;
  /** Where the routers placed that account, best first. */
  readonly backends?: readonly BackendRef[] | undefined;
}

/** The answer that decided: the strongest, and of equals the last. Undefined: no store was asked. */
export const decidingOf = (answers: readonly StoreAnswer[]): StoreAnswer | undefined => {
  let [deciding] = answers;
  for (const answer of answers) {
    if (deciding === undefined || strength[answer.verdict.kind] >= strength[deciding.verdict.kind]) deciding = answer;
  }
  return deciding;
};
