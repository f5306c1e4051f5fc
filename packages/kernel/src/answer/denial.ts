import type { DenialKind } from '@postern/auth-http';
import type { Verdict } from '@postern/contract';

type No = Exclude<Verdict, { kind: 'accepted' }>;

/**
 * What a login is told. A refusal speaks its own words only to somebody who proved to own the account (rule 59). That TLS is
 * missing may also be said as long as no store was asked: then it is said of the connection and of no account. After an outage a wrong
 * password is told as the outage, so a refusal without a proof is, too.
 */
export const denialOf = (verdict: No, storesAsked: boolean): DenialKind => {
  switch (verdict.kind) {
    case 'rejected':
    case 'unknown-user':
    case 'unsupported':
      return 'rejected';
    case 'refused':
      if (verdict.proofHeld || (verdict.why === 'tls-required' && !storesAsked)) return verdict.why;
      return verdict.afterOutage === true ? 'deferred' : 'rejected';
    case 'limited':
    case 'deferred':
      return verdict.kind;
  }
};

/** What the sender of unauthenticated mail is told about the recipient. */
export const recipientDenialOf = (verdict: No): DenialKind => {
  switch (verdict.kind) {
    case 'unknown-user':
    case 'unsupported':
      return 'unknown-recipient';
    case 'rejected':
      return 'relay-denied';
    case 'refused':
      // Mail that is bounced does not come again, and a lock is what wrong passwords of anybody make, for a while.
      if (verdict.afterOutage === true || verdict.why === 'locked') return 'deferred';
      return verdict.why === 'tls-required' ? 'tls-required' : verdict.why === 'policy' ? 'relay-denied' : 'unknown-recipient';
    case 'limited':
    case 'deferred':
      return verdict.kind;
  }
};
