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
/** Active Directory's word to a bind in clear text; to a search it only says that one must log in. */
const strongerAuthRequired = 8;
const confidentialityRequired = 13;
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
  // MS-ERREF on STATUS_ACCOUNT_RESTRICTION: name and password are right, and the account may not be used so.
  ['52f', refused('policy', true, 'Active Directory 52f: the account is restricted')],
  ['569', refused('policy', false, 'Active Directory 569: the account may not log in in this way')],
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

/**
 * What 389 and FreeIPA say of an account beside 19 and 53, which alone could mean anything, and beside a control that says "locked" of
 * disabled accounts, too. All of it comes before the password is looked at.
 */
const spoken: readonly (readonly [words: RegExp, outcome: BindOutcome])[] = [
  [/^Account inactivated\b/, refused('disabled', false, '389: the account is disabled')],
  [/^Account inactivity limit exceeded\b/, refused('expired', false, '389: the account was not used for too long')],
  [/^Exceed password retry limit\b/, refused('locked', false, '389: the account is locked')],
  [/^(?:Too many failed logins|Entry permanently locked)\b/, refused('locked', false, 'FreeIPA: the account is locked')],
  [/^Account \(Kerberos principal\) is expired\b/, refused('expired', false, 'FreeIPA: the account expired')],
];

/** FreeIPA's ipa-graceperiod says so before the password is looked at, unlike 389 itself ("password expired!"). */
const expiredUnseen = /^Password is expired\b/;

export const readBind = (result: BindResult): BindOutcome => {
  const { code, policyError, message } = result;
  if (code === constraintViolation || code === unwillingToPerform) {
    const [, outcome] = spoken.find(([words]) => words.test(message)) ?? [];
    if (outcome !== undefined) return outcome;
  }
  if (code === invalidCredentials && expiredUnseen.test(message))
    return refused('expired', false, 'FreeIPA: the password expired, and so did its grace logins');
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
    const hint =
      code === confidentialityRequired || (code === strongerAuthRequired && to === 'bind')
        ? ' (it wants TLS: `ldaps://` or `startTls: true`)'
        : '';
    super(`the directory answered ${code} to a ${to}${said === '' ? '' : `: ${said}`}${hint}`);
  }
}

/** With these codes directories speak of the account: 389 of a disabled one, others of one with too many tries. */
class PersonalAnswer extends UnclearAnswer {
  readonly ofThisLogin = true;
}
