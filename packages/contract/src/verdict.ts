import type { Account } from './account.js';

/** Why a known account is not let in although its proof may be right. */
export type RefusedWhy = 'disabled' | 'expired' | 'locked' | 'policy' | 'tls-required';

/**
 * A store's answer. "No" and "cannot tell" are different kinds: only a reply of the store that names a wrong proof may
 * become `rejected`; everything unrecognised, and every thrown error, is `deferred`.
 */
export type Verdict =
  | { readonly kind: 'accepted'; readonly account: Account }
  /**
   * The proof is wrong. `user`: whose account it is, where the store knows the login for another name of it; tries are counted for the
   * account then, and no alias gives more of them. Nobody outside hears of it.
   */
  | { readonly kind: 'rejected'; readonly user?: string }
  /** Not mine: the chain asks the next store. */
  | { readonly kind: 'unknown-user' }
  /**
   * Final. `proofHeld` says whether the proof was shown to be right; if not, the client is told exactly what it would
   * hear for a wrong password. `rule` names, for the operator alone, what in the config or the account forbids it: a few words
   * for the log and `explain`, without a secret. `afterOutage` is the host's mark: a store that was asked before could not tell, so a
   * proof that did not hold here may hold there. Who has shown no proof then hears of the outage, as somebody with a wrong password
   * would. A policy hands the mark on, and neither counts nor keeps such a refusal as a wrong proof.
   */
  | {
      readonly kind: 'refused';
      readonly why: RefusedWhy;
      readonly proofHeld: boolean;
      readonly rule?: string;
      readonly afterOutage?: boolean;
    }
  /** Too many tries; says nothing about the proof. Final. `retryAfterMs`: milliseconds from now, 0 or more. */
  | { readonly kind: 'limited'; readonly retryAfterMs?: number }
  /** Cannot judge this mechanism. */
  | { readonly kind: 'unsupported' }
  /** Cannot tell now. `cause` is logged and never shown to a client. */
  | { readonly kind: 'deferred'; readonly cause: unknown };

export type VerdictKind = Verdict['kind'];
