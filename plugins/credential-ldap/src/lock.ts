import type { Clock } from '@postern/contract';
import type { Entry } from './directory-types.js';

/** Set by OpenLDAP's password policy when an account is locked (draft-behera-ldap-password-policy section 5.3.3). */
export const lockAttribute = 'pwdAccountLockedTime';

/** Locked by an administrator, until one unlocks it. */
const forEver = '000001010000Z';

/** GeneralizedTime, RFC 4517 section 3.3.13, as slapd writes it: in UTC, perhaps with a fraction. */
const timePattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z$/;

/** Whether an entry is locked now. `lockedFor`: milliseconds that a lock holds; undefined: until it is gone from the entry. */
export const isLocked = (entry: Entry, lockedFor: number | undefined, clock: Clock): boolean => {
  const [value] = entry.values(lockAttribute);
  if (value === undefined) return false;
  const text = value.toString('utf8');
  const parts = timePattern.exec(text)?.slice(1).map(Number);
  if (text === forEver || lockedFor === undefined || parts === undefined) return true;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return clock.now() < Date.UTC(year, month - 1, day, hour, minute, second) + lockedFor;
};

/** Where Active Directory, and 389 and FreeIPA, mark accounts that are switched off. */
export const offAttributes = ['userAccountControl', 'nsAccountLock'] as const;

/** ADS_UF_ACCOUNTDISABLE, MS-ADTS section 2.2.16. */
const accountDisabled = 0x2;

/** Whether the entry bears such a mark. */
export const isOff = (entry: Entry): boolean => {
  const [control, lock] = offAttributes.map((name) => entry.values(name)[0]?.toString('latin1'));
  const bits = control !== undefined && /^\d{1,10}$/.test(control) ? Number(control) : 0;
  return (bits & accountDisabled) !== 0 || lock?.toUpperCase() === 'TRUE';
};
