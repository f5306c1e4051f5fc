import type { RefusedWhy } from '@postern/contract';
import type { BindResult } from './directory-types.js';

/** What the answer to somebody's own bind says about them. */
export type BindOutcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly why: RefusedWhy; readonly proofHeld: boolean; readonly rule: string }
  /** Anything that does not name a wrong proof. */
  | { readonly kind: 'unclear'; readonly cause: Error };

// RFC 4511 section 4.1.9 and appendix A.
const success = 0;
const constraintViolation = 19;
const noSuchObject = 32;
const invalidCredentials = 49;
const unwillingToPerform = 53;

/** Codes with which a password policy's own word counts: 389 says 19 and 53 where OpenLDAP says 49. */
const policyCodes: readonly number[] = [success, constraintViolation, invalidCredentials, unwillingToPerform];

const refused = (why: RefusedWhy, proofHeld: boolean, rule: string): BindOutcome => ({ kind: 'refused', why, proofHeld, rule });

/**
 * Active Directory answers 49 to all of these and says which in its text. It looks at the account's state only after the
 * password was found to be right, except for a lock.
 */
const activeDirectory = new Map<string, BindOutcome>([
  ['525', { kind: 'nobody' }],
  ['52e', { kind: 'wrong' }],
  ['530', refused('policy', true, 'Active Directory 530: not at this time')],
  ['531', refused('policy', true, 'Active Directory 531: not from this workstation')],
  ['532', refused('expired', true, 'Active Directory 532: the password expired')],
  ['533', refused('disabled', true, 'Active Directory 533: the account is disabled')],
  ['701', refused('expired', true, 'Active Directory 701: the account expired')],
  ['773', refused('expired', true, 'Active Directory 773: the password must be changed')],
  ['775', refused('locked', false, 'Active Directory 775: the account is locked')],
]);

/** draft-behera-ldap-password-policy section 6.2. Expiry is looked at after the password, a lock before it. */
const policyErrors = new Map<number, BindOutcome>([
  [0, refused('expired', true, 'password policy: the password expired')],
  [1, refused('locked', false, 'password policy: the account is locked')],
  [2, refused('expired', true, 'password policy: the password must be changed')],
]);

export const readBind = (result: BindResult): BindOutcome => {
  const { code, policyError } = result;
  const policy = policyError === undefined || !policyCodes.includes(code) ? undefined : policyErrors.get(policyError);
  if (policy !== undefined) return policy;
  switch (code) {
    case success:
      return { kind: 'held' };
    case noSuchObject:
      return { kind: 'nobody' };
    case invalidCredentials:
      return readInvalidCredentials(result);
    case constraintViolation:
    case unwillingToPerform:
      return { kind: 'unclear', cause: new PersonalAnswer('bind', result) };
    default:
      return { kind: 'unclear', cause: new UnclearAnswer('bind', result) };
  }
};

const readInvalidCredentials = (result: BindResult): BindOutcome => {
  const [, data] = /\bAcceptSecurityContext error, data ([0-9a-f]+)\b/i.exec(result.message) ?? [];
  if (data === undefined) return { kind: 'wrong' };
  return activeDirectory.get(data.toLowerCase()) ?? { kind: 'unclear', cause: new UnclearAnswer('bind', result) };
};

const longestQuote = 200;

/** The directory answered something that says neither yes nor no. */
export class UnclearAnswer extends Error {
  override readonly name: string = 'UnclearAnswer';

  constructor(to: 'bind' | 'search', { code, message }: Pick<BindResult, 'code' | 'message'>) {
    const said = message.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, longestQuote);
    super(`the directory answered ${code} to a ${to}${said === '' ? '' : `: ${said}`}`);
  }
}

/** With these codes directories speak of the account: 389 of a disabled one, others of one with too many tries. */
class PersonalAnswer extends UnclearAnswer {
  readonly ofThisLogin = true;
}
