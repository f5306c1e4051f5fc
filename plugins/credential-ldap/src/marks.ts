import type { RefusedWhy } from '@postern/contract';
import type { Entry } from './directory-types.js';
import { readChanged as readTime } from './password-changed.js';

/** What an entry itself says against a login with it. */
export interface Mark {
  readonly why: Extract<RefusedWhy, 'disabled' | 'expired' | 'locked'>;
  /** For the operator. */
  readonly rule: string;
  /** The directory looks at it before the password, and may say no more then than that the login is wrong. */
  readonly early: boolean;
}

export interface MarkRules {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that `pwdAccountLockedTime` holds; undefined: until it is gone from the entry. */
  readonly lockedFor: number | undefined;
}

type Reading = (text: string, rules: MarkRules) => boolean;

/** ADS_UF_ACCOUNTDISABLE, MS-ADTS section 2.2.16. */
const accountDisabled = 0x2;
/** Locked by an administrator, until one unlocks it: as slapd writes it, and as 389 does. */
const [forEver, forEverIn389] = ['000001010000Z', '19700101000000Z'];

const isPast: Reading = (text, { now }) => {
  const end = readTime(text);
  return end !== undefined && end < now;
};

const isToCome: Reading = (text, { now }) => {
  const begin = readTime(text);
  return begin !== undefined && begin > now;
};

/** draft-behera-ldap-password-policy section 5.3.3. A time that cannot be read holds. */
const isLockedSince: Reading = (text, { now, lockedFor }) => {
  const since = readTime(text);
  return text === forEver || lockedFor === undefined || since === undefined || now < since + lockedFor;
};

const marks: readonly (readonly [attribute: string, why: Mark['why'], holds: Reading])[] = [
  ['pwdAccountLockedTime', 'locked', isLockedSince],
  ['accountUnlockTime', 'locked', (text, rules) => text === forEverIn389 || isToCome(text, rules)],
  ['nsAccountLock', 'disabled', (text) => text.toUpperCase() === 'TRUE'],
  ['userAccountControl', 'disabled', (text) => /^\d{1,10}$/.test(text) && (Number(text) & accountDisabled) !== 0],
  ['accountExpires', 'expired', isPast],
  ['krbPrincipalExpiration', 'expired', isPast],
  ['pwdEndTime', 'expired', isPast],
  ['pwdStartTime', 'disabled', isToCome],
];

/**
 * Where directories mark who may not log in: OpenLDAP's ppolicy, 389 and FreeIPA, Active Directory. Where the directory checks the password
 * it looks at them itself; they count where it is not asked, or does not say.
 */
export const markAttributes: readonly string[] = marks.map(([attribute]) => attribute);

/** slapd answers a plain 49 to these, unless `ppolicy_use_lockout` is set. */
const early: ReadonlySet<string> = new Set(['pwdAccountLockedTime', 'pwdStartTime', 'pwdEndTime']);

/** The first mark that holds now: locks before all others. */
export const markOf = (entry: Entry, rules: MarkRules): Mark | undefined => {
  for (const [attribute, why, holds] of marks) {
    const [value] = entry.values(attribute);
    if (value !== undefined && holds(value.toString('latin1'), rules)) return { why, rule: attribute, early: early.has(attribute) };
  }
  return undefined;
};
