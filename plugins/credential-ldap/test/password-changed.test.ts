import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Lookup, Verdict } from '@postern/contract';
import { attempt, type StoreUnderTest } from '@postern/testkit';
import fc from 'fast-check';
import { readChanged } from '../src/password-changed.js';
import { byTemplate, makeStore, usual } from './make-store.js';
import { people } from './people.js';
import { oneEntry, ScriptedDirectory } from './scripted-directory.js';

const dn = `uid=ann,${people}`;
const password = 'Right-of-Ann';
const at = (iso: string): number => Date.parse(iso);

describe('when a password was changed', () => {
  let directory: ScriptedDirectory;
  let store: StoreUnderTest | undefined;

  beforeEach(async () => {
    directory = await ScriptedDirectory.start(oneEntry(dn, password));
  });
  afterEach(async () => {
    await store?.stop?.(new AbortController().signal);
    await directory.stop();
  });

  const open = async (
    values: Record<string, readonly string[]>,
    more: object = {},
    input: typeof usual = usual,
  ): Promise<StoreUnderTest> => {
    await store?.stop?.(new AbortController().signal);
    directory.answer = oneEntry(dn, password, values);
    store = makeStore(input(directory.url, more));
    return store;
  };
  const login = (one: StoreUnderTest): Promise<Verdict> => one.verify(attempt({ password }), AbortSignal.timeout(3000));
  const look = async (one: StoreUnderTest): Promise<Lookup | undefined> => one.lookup?.('ann@example.org', AbortSignal.timeout(3000));

  it.each([
    ['OpenLDAP and 389', { pwdChangedTime: ['20260102030405Z'] }, at('2026-01-02T03:04:05.999Z')],
    ['Active Directory', { pwdLastSet: ['134118398450000000'] }, at('2026-01-02T15:04:05Z')],
    ['FreeIPA', { krbLastPwdChange: ['20260102030405Z'] }, at('2026-01-02T03:04:05.999Z')],
    ['RFC 2307', { shadowLastChange: ['20455'] }, at('2026-01-02T23:59:59.999Z')],
    ['the latest of several', { pwdChangedTime: ['20260102030405Z'], shadowLastChange: ['20456'] }, at('2026-01-03T23:59:59.999Z')],
  ])('is told with a login and with a lookup, by %s', async (_, values, expected) => {
    const attributes = { passwordChangedAt: String(expected) };
    for (const more of [{}, { check: 'verify-here', allowWeak: ['PLAIN'] }]) {
      const one = await open({ ...values, userPassword: [password] }, more);
      expect(await login(one)).toMatchObject({ kind: 'accepted', account: { attributes } });
      expect(await look(one)).toMatchObject({ kind: 'found', account: { attributes } });
    }
  });

  it('is asked for by name, since such attributes come no other way', async () => {
    await look(await open({}));
    const asked = directory.searches().at(-1)?.attributes;
    expect(asked).toEqual(expect.arrayContaining(['pwdChangedTime', 'pwdLastSet', 'krbLastPwdChange', 'shadowLastChange']));
    await look(await open({}, { passwordChanged: 'off' }));
    expect(directory.searches().at(-1)?.attributes).not.toContain('pwdChangedTime');
  });

  it('is asked of another attribute, or not at all, as the config says', async () => {
    const values = { pwdChangedTime: ['20260102030405Z'], sambaPwdLastSet: ['1767323045'] };
    expect(await look(await open(values, { passwordChanged: 'off' }))).toMatchObject({ account: { attributes: {} } });
    expect(await look(await open(values, { passwordChanged: 'sambaPwdLastSet' }))).toMatchObject({
      account: { attributes: { passwordChangedAt: String(1_767_323_045_999) } },
    });
    expect(await look(await open(values, { attributes: { passwordChangedAt: 'sambaPwdLastSet' } }))).toMatchObject({
      account: { attributes: { passwordChangedAt: '1767323045' } },
    });
  });

  it('costs a template no question of its own', async () => {
    const one = await open({ pwdChangedTime: ['20260102030405Z'] }, {}, byTemplate);
    expect(await login(one)).toMatchObject({ kind: 'accepted', account: { attributes: {} } });
    expect(directory.searches().filter(({ base }) => base !== '')).toEqual([]);
  });

  it('is not told where the entry shows none, or what is no time', async () => {
    for (const values of [{}, { pwdLastSet: ['0'] }, { pwdChangedTime: ['soon'] }]) {
      const found = await look(await open(values));
      expect(found).toEqual({ kind: 'found', account: { user: 'ann@example.org', attributes: {} } });
    }
  });

  it.each([
    [{ userAccountControl: ['514'] }, 'refused'],
    [{ userAccountControl: ['512'] }, 'found'],
    [{ userAccountControl: ['-2'] }, 'found'],
    [{ nsAccountLock: ['TRUE'] }, 'refused'],
    [{ nsAccountLock: ['true'] }, 'refused'],
    [{ nsAccountLock: ['FALSE'] }, 'found'],
    [{ pwdAccountLockedTime: ['000001010000Z'] }, 'refused'],
  ])('is no matter for an account that is switched off: a lookup of %j is %s', async (values, kind) => {
    expect((await look(await open(values)))?.kind).toBe(kind);
  });

  it('reads every time that directories write, and nothing else', () => {
    expect(readChanged('20260102030405.5Z')).toBe(at('2026-01-02T03:04:05.500Z'));
    expect(readChanged('20260102030405+0130')).toBe(at('2026-01-02T01:34:05.999Z'));
    expect(readChanged('202601020304Z')).toBe(at('2026-01-02T03:04:59.999Z'));
    for (const text of ['', '0', '00', '-1', '9223372036854775807', '1e9', '20260102', '20260102030405', 'NaN', '2026-01-02']) {
      expect([text, readChanged(text)]).toEqual([text, undefined]);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readChanged(text);
        expect(read === undefined || (Number.isSafeInteger(read) && read >= 0)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        const text = `${date.toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;
        const read = readChanged(text) ?? 0;
        expect(read).toBeGreaterThanOrEqual(date.getTime());
        expect(read - date.getTime()).toBeLessThan(1000);
      }),
    );
  });
});
