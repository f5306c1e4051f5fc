import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Entry } from '../src/directory-types.js';
import { markAttributes, markOf, type MarkRules } from '../src/marks.js';

const now = Date.UTC(2026, 10, 23, 12);
const entryWith = (values: Readonly<Record<string, string>>): Entry =>
  new Entry('uid=ann', new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), [Buffer.from(value)]])));
const whyOf = (values: Readonly<Record<string, string>>, lockedFor?: number): string | undefined =>
  markOf(entryWith(values), { now, lockedFor })?.why;
/** Active Directory counts 100 ns since 1601. */
const fileTime = (ms: number): string => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
const generalized = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;

describe('the marks that an entry bears', () => {
  it.each([
    ['Active Directory: disabled', { userAccountControl: '514' }, 'disabled'],
    ['Active Directory: normal', { userAccountControl: '512' }, undefined],
    ['Active Directory: expired', { accountExpires: fileTime(now - 1000) }, 'expired'],
    ['Active Directory: expires later', { accountExpires: fileTime(now + 60_000) }, undefined],
    ['Active Directory: never expires', { accountExpires: '9223372036854775807' }, undefined],
    ['Active Directory: never expires, written otherwise', { accountExpires: '0' }, undefined],
    ['389: disabled', { nsAccountLock: 'true' }, 'disabled'],
    ['389: enabled again', { nsAccountLock: 'FALSE' }, undefined],
    ['389: locked until an administrator unlocks it', { accountUnlockTime: '19700101000000Z' }, 'locked'],
    ['389: locked for a while', { accountUnlockTime: generalized(now + 60_000) }, 'locked'],
    ['389: was locked', { accountUnlockTime: generalized(now - 60_000) }, undefined],
    ['FreeIPA: principal expired', { krbPrincipalExpiration: generalized(now - 60_000) }, 'expired'],
    ['FreeIPA: principal expires later', { krbPrincipalExpiration: generalized(now + 60_000) }, undefined],
    ['OpenLDAP: locked', { pwdAccountLockedTime: generalized(now - 60_000) }, 'locked'],
    ['OpenLDAP: ended', { pwdEndTime: generalized(now - 60_000) }, 'expired'],
    ['OpenLDAP: ends later', { pwdEndTime: generalized(now + 60_000) }, undefined],
    ['OpenLDAP: not begun', { pwdStartTime: generalized(now + 60_000) }, 'disabled'],
    ['OpenLDAP: begun', { pwdStartTime: generalized(now - 60_000) }, undefined],
  ])('%s', (_, values, why) => {
    expect(whyOf(values)).toBe(why);
  });

  it('hold for as long as the config says of a lock, and for ever where an administrator made it', () => {
    const anHourAgo = generalized(now - 3_600_000);
    expect(whyOf({ pwdAccountLockedTime: anHourAgo }, 900_000)).toBeUndefined();
    expect(whyOf({ pwdAccountLockedTime: anHourAgo }, 7_200_000)).toBe('locked');
    expect(whyOf({ pwdAccountLockedTime: '000001010000Z' }, 900_000)).toBe('locked');
    expect(whyOf({ pwdAccountLockedTime: 'no time' }, 900_000)).toBe('locked');
  });

  it('are none where an attribute makes no sense', () => {
    const anything = fc.record(Object.fromEntries(markAttributes.map((name) => [name, fc.string()])));
    const rules: MarkRules = { now, lockedFor: 1000 };
    fc.assert(
      fc.property(anything, (values) => {
        expect(['disabled', 'expired', 'locked', undefined]).toContain(markOf(entryWith(values), rules)?.why);
      }),
    );
    for (const name of markAttributes.filter((each) => each !== 'pwdAccountLockedTime'))
      for (const text of ['', '-1', 'soon', '\0', '1e400']) expect([name, whyOf({ [name]: text })]).toEqual([name, undefined]);
  });
});
