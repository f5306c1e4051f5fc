import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { hashPassword } from '@postern/passwords';
import { attempt, type StoreUnderTest } from '@postern/testkit';
import { byTemplate, makeStore, usual } from './make-store.js';
import { people } from './people.js';
import { bound, done, found, oneEntry, policyError, reference, ScriptedDirectory, type Answering } from './scripted-directory.js';

const dn = `uid=ann,${people}`;
const password = 'Right-of-Ann';

describe('what a directory answers', () => {
  let directory: ScriptedDirectory;
  let store: StoreUnderTest | undefined;

  beforeEach(async () => {
    directory = await ScriptedDirectory.start(oneEntry(dn, password));
  });
  afterEach(async () => {
    await store?.stop?.(new AbortController().signal);
    await directory.stop();
  });

  const ask = async (more: object = {}, given = password, input: (url: string, more: object) => object = usual): Promise<Verdict> => {
    await store?.stop?.(new AbortController().signal);
    store = makeStore(input(directory.url, more));
    return store.verify(attempt({ password: given }), AbortSignal.timeout(3000));
  };

  /** The directory finds Ann, and answers her own bind so. */
  const toHerBind =
    (code: number, words = '', ...controls: readonly Buffer[]): Answering =>
    (request, play) => {
      if (request.kind === 'bind' && request.name === dn) play.write(bound(request.id, code, words, ...controls));
      else oneEntry(dn, password)(request, play);
    };

  const activeDirectory = (data: string): string =>
    `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data ${data}, v3839`;

  it('rejects on 49 alone, and accepts on 0', async () => {
    expect(await ask()).toEqual({ kind: 'accepted', account: { user: 'ann@example.org', attributes: {} } });
    expect(await ask({}, 'wrong')).toEqual({ kind: 'rejected' });
  });

  it.each([
    ['525', { kind: 'unknown-user' }],
    ['52e', { kind: 'rejected' }],
    ['530', { kind: 'refused', why: 'policy', proofHeld: true }],
    ['531', { kind: 'refused', why: 'policy', proofHeld: true }],
    ['532', { kind: 'refused', why: 'expired', proofHeld: true }],
    ['533', { kind: 'refused', why: 'disabled', proofHeld: true }],
    ['701', { kind: 'refused', why: 'expired', proofHeld: true }],
    ['773', { kind: 'refused', why: 'expired', proofHeld: true }],
    ['775', { kind: 'refused', why: 'locked', proofHeld: false }],
    ['52f', { kind: 'refused', why: 'policy', proofHeld: true }],
    ['569', { kind: 'refused', why: 'policy', proofHeld: false }],
  ])('understands Active Directory’s 49 with data %s', async (data, verdict) => {
    directory.answer = toHerBind(49, activeDirectory(data));
    expect(await ask()).toMatchObject(verdict);
    directory.answer = toHerBind(49, activeDirectory(data.toUpperCase()));
    expect(await ask()).toMatchObject(verdict);
  });

  it('defers on a 49 whose data it does not know: Active Directory says so too when it has no server to ask', async () => {
    directory.answer = toHerBind(49, activeDirectory('51f'));
    expect(await ask()).toMatchObject({ kind: 'deferred' });
  });

  it.each([
    [49, 0, { kind: 'refused', why: 'expired', proofHeld: true }],
    [49, 1, { kind: 'refused', why: 'locked', proofHeld: false }],
    [19, 1, { kind: 'refused', why: 'locked', proofHeld: false }],
    [53, 1, { kind: 'refused', why: 'locked', proofHeld: false }],
    [0, 2, { kind: 'refused', why: 'expired', proofHeld: true }],
    [49, 8, { kind: 'rejected' }],
    [51, 1, { kind: 'deferred' }],
  ])('understands the result %i with the password policy’s error %i', async (code, error, verdict) => {
    directory.answer = toHerBind(code, '', policyError(error));
    expect(await ask()).toMatchObject(verdict);
  });

  it.each([1, 2, 3, 7, 8, 10, 11, 12, 13, 14, 19, 34, 48, 50, 51, 52, 53, 54, 80, 85, 118, 123, 4096, 16_654])(
    'defers on result %i to a bind: it says nothing about the password',
    async (code) => {
      directory.answer = toHerBind(code, 'no reason');
      expect(await ask()).toMatchObject({ kind: 'deferred' });
    },
  );

  // The words of FreeIPA's plugins ipa-lockout, ipa-pwd-extop and ipa-graceperiod, from their source: each before the password is looked at.
  it.each([
    [53, 'Too many failed logins.\n', [], 'locked'],
    [53, 'Entry permanently locked.\n', [], 'locked'],
    [53, 'Account (Kerberos principal) is expired', [], 'expired'],
    [49, 'Password is expired.\n', [policyError(0)], 'expired'],
  ])('understands FreeIPA’s %i %j, and takes no password for right by it', async (code, words, controls, why) => {
    directory.answer = toHerBind(code, words, ...controls);
    expect(await ask()).toMatchObject({ kind: 'refused', why, proofHeld: false });
    expect(await ask({ dn: `uid={local},${people}` }, password, byTemplate)).toMatchObject({ kind: 'refused', why, proofHeld: false });
    directory.answer = toHerBind(80, words, ...controls);
    expect(await ask()).toMatchObject({ kind: 'deferred' });
  });

  it('learns from the entry why slapd calls a login wrong that it did not look at, and from a lock that may be over nothing more', async () => {
    const bearing = (values: Record<string, string[]>, code: number): void => {
      directory.answer = (request, play) => {
        if (request.kind === 'bind' && request.name === dn) play.write(bound(request.id, code));
        else oneEntry(dn, password, values)(request, play);
      };
    };
    bearing({ pwdEndTime: ['20200101000000Z'] }, 49);
    expect(await ask()).toMatchObject({ kind: 'refused', why: 'expired', proofHeld: false, rule: 'pwdEndTime' });
    bearing({ userAccountControl: ['514'] }, 49);
    expect(await ask()).toEqual({ kind: 'rejected' });
    bearing({ nsAccountLock: ['TRUE'] }, 53);
    expect(await ask()).toMatchObject({ kind: 'refused', why: 'disabled', proofHeld: false, rule: 'nsAccountLock' });
    bearing({ pwdAccountLockedTime: ['20200101000000Z'] }, 51);
    expect(await ask()).toMatchObject({ kind: 'deferred' });
  });

  it('blames the login alone when a server shows one of several entries: its limit is smaller than ours', async () => {
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base !== '') play.write(found(request.id, dn), done(request.id, 4));
      else oneEntry(dn, password)(request, play);
    };
    const verdict = await ask();
    expect(verdict).toMatchObject({ kind: 'deferred', cause: { message: 'several entries match the login: nobody can tell which it is' } });
  });

  it('takes 32 for an unknown user when it is about the user’s own DN', async () => {
    directory.answer = toHerBind(32);
    expect(await ask()).toEqual({ kind: 'unknown-user' });
    expect(await ask({ dn: `uid={local},${people}` }, password, byTemplate)).toMatchObject({ kind: 'unknown-user' });
  });

  it.each([1, 3, 10, 11, 32, 34, 50, 51, 52, 53, 80, 4096])('defers on result %i to a search, the missing base included', async (code) => {
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base !== '') play.write(done(request.id, code));
      else oneEntry(dn, password)(request, play);
    };
    expect(await ask()).toMatchObject({ kind: 'deferred' });
  });

  it.each([0, 4])('defers when two entries match and the result is %i', async (code) => {
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base === people)
        play.write(found(request.id, dn), found(request.id, `uid=ann2,${people}`), done(request.id, code));
      else oneEntry(dn, password)(request, play);
    };
    expect(await ask()).toMatchObject({ kind: 'deferred' });
    expect(directory.binds().filter((each) => each.name === dn)).toEqual([]);
  });

  it('follows no references to other servers', async () => {
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base !== '') play.write(reference(request.id, 'ldap://elsewhere.example/dc=x'));
      oneEntry(dn, password)(request, play);
    };
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  it('asks whether an account is disabled when the directory will not say why it refuses the bind', async () => {
    const disabled = '(nsAccountLock=TRUE)';
    directory.answer = toHerBind(53, 'Account inactivated. Contact system administrator.');
    expect(await ask({ disabled })).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false, rule: expect.any(String) });
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base === dn) play.write(done(request.id));
      else toHerBind(53)(request, play);
    };
    expect(await ask({ disabled })).toMatchObject({ kind: 'deferred' });
  });

  it('defers when it cannot find out whether a requirement is met', async () => {
    directory.answer = (request, play) => {
      if (request.kind === 'search' && request.base === dn) play.write(done(request.id, 32));
      else oneEntry(dn, password)(request, play);
    };
    expect(await ask({ require: '(memberOf=cn=mail)' })).toMatchObject({ kind: 'deferred' });
  });

  it('never sends an empty password, under any check', async () => {
    for (const input of [usual, byTemplate]) {
      expect(await ask({}, '', input)).toEqual({ kind: 'rejected' });
      expect(directory.requests).toEqual([]);
    }
  });

  it('sends passwords byte for byte', async () => {
    const bytes = Uint8Array.from([0xff, 0x00, 0xc3, 0x28, 0x80]);
    store = makeStore(usual(directory.url));
    await store.verify(attempt({ password: bytes }), AbortSignal.timeout(3000));
    expect(directory.binds().at(-1)?.password).toEqual(Buffer.from(bytes));
  });

  it('does not send what a user typed when there is no such user, and tries something else for as long', async () => {
    directory.answer = (request, play) => {
      if (request.kind === 'search') play.write(done(request.id));
      else oneEntry(dn, password)(request, play);
    };
    expect(await ask({}, 'a secret of another store')).toEqual({ kind: 'unknown-user' });
    const [, decoy] = directory.binds();
    expect(decoy).toMatchObject({ name: `cn=nobody-of-this-name,${people}` });
    expect(decoy?.password.toString()).not.toContain('secret');
    expect(decoy?.password.length).toBeGreaterThan(0);
    const before = directory.binds().length;
    expect(await ask({ decoy: false })).toEqual({ kind: 'unknown-user' });
    expect(directory.binds().length).toBe(before + 1);
  });

  it('does not take an entry for a user that the directory only thinks alike', async () => {
    directory.answer = oneEntry(dn, password, { mail: ['ann@example.org', 'ann.other@example.org'] });
    store = makeStore(usual(directory.url));
    const verdictOf = (user: string): Promise<Verdict> => store!.verify(attempt({ user, password }), AbortSignal.timeout(3000));
    expect(await verdictOf('ann@example.org')).toMatchObject({ kind: 'accepted' });
    expect(await verdictOf('ann.other@example.org')).toMatchObject({ kind: 'accepted' });
    expect(await verdictOf('\uff41nn@example.org')).toEqual({ kind: 'unknown-user' });
    expect(await verdictOf('\u00e1nn@example.org')).toEqual({ kind: 'unknown-user' });
  });

  it.each(['(&(uid={local})(associatedDomain={domain}))', '(&(associatedDomain=*{domain})(uid={local})(mailEnabled={protocol}))'])(
    'does not take one for her because something else than the name is alike: %s',
    async (filter) => {
      directory.answer = oneEntry(dn, password, { uid: ['Ann'], associatedDomain: ['example.org'], mailEnabled: ['imap'] });
      store = makeStore(usual(directory.url, { filter }));
      const verdictOf = (user: string): Promise<Verdict> => store!.verify(attempt({ user, password }), AbortSignal.timeout(3000));
      expect(await verdictOf('ann@example.org')).toMatchObject({ kind: 'accepted' });
      expect(await verdictOf('\uff41nn@example.org')).toEqual({ kind: 'unknown-user' });
      expect(await verdictOf('\u00e1nn@example.org')).toEqual({ kind: 'unknown-user' });
    },
  );

  it('gives the account what the config maps, and the canonical user', async () => {
    const attributes = { user: 'mail', host: 'mailHost', quota: 'mailQuota', groups: 'memberOf', none: 'missing' };
    directory.answer = oneEntry(dn, password, {
      mail: ['Ann.Smith@Example.ORG'],
      MAILHOST: ['mail-b'],
      mailQuota: ['1G'],
      memberOf: ['cn=b', 'cn=a'],
    });
    expect(await ask({ filter: '(uid={local})', attributes })).toEqual({
      kind: 'accepted',
      account: { user: 'ann.smith@example.org', attributes: { host: 'mail-b', quota: '1G', groups: 'cn=a,cn=b' } },
    });
  });

  it.each([
    ['several addresses, none of them typed', { mail: ['a@example.org', 'b@example.org'] }],
    ['no address', {}],
    ['an address that is no text', { mail: [Buffer.from([0xff])] }],
    ['an address with a line break', { mail: ['ann@example.org\r\nAuth-Server: x'] }],
    ['an address in no domain', { mail: ['ann@-'] }],
  ])('defers when the canonical user cannot be told: %s', async (_, values) => {
    directory.answer = oneEntry(dn, password, values);
    expect(await ask({ filter: '(uid={local})', attributes: { user: 'mail' } })).toMatchObject({ kind: 'deferred' });
  });

  it('logs in under the DN that the directory wrote, whatever ldapjs would make of it', async () => {
    for (const odd of [
      `cn=a\\+1,${people}`,
      `cn=\\ a b\\ ,${people}`,
      `cn=\\#0402,${people}`,
      `cn=A\\, B\\22,${people}`,
      `cn=\\c3\\bc+uid=x,${people}`,
    ]) {
      directory.answer = oneEntry(odd, password);
      expect(await ask()).toMatchObject({ kind: 'accepted' });
      expect(directory.binds().at(-1)?.name).toBe(odd);
    }
  });

  it('defers rather than logging in under a DN that is no text', async () => {
    directory.answer = oneEntry(Buffer.from([0x63, 0x6e, 0x3d, 0xff]), password);
    expect(await ask()).toMatchObject({ kind: 'deferred' });
    expect(directory.binds().filter((each) => each.name !== 'cn=search,dc=example,dc=org')).toEqual([]);
  });

  it('checks hashes here, without any bind of the user', async () => {
    const verifyHere = { check: 'verify-here', allowWeak: ['PLAIN'] };
    const keep = (...userPassword: readonly string[]): void => {
      directory.answer = oneEntry(dn, password, { userPassword });
    };
    keep('{PLAIN}other', password);
    expect(await ask(verifyHere)).toMatchObject({ kind: 'accepted' });
    keep('other');
    expect(await ask(verifyHere)).toEqual({ kind: 'rejected' });
    keep('{SASL}ann@EXAMPLE.ORG');
    expect(await ask(verifyHere)).toMatchObject({ kind: 'deferred' });
    keep();
    expect(await ask(verifyHere)).toMatchObject({ kind: 'deferred' });
    keep(password);
    expect(await ask({ check: 'verify-here' })).toMatchObject({ kind: 'deferred' });
    expect(directory.binds().filter((each) => each.name === dn)).toEqual([]);
  });

  it('spends on a user that is not there what most hashes cost, whatever the last one was', async () => {
    const heavy = await hashPassword(Buffer.from('heavy'), 'BLF-CRYPT');
    const hashes = new Map([
      ['ann', heavy],
      ['bob', heavy],
      ['cheap', '{PLAIN}cheap'],
    ]);
    let uid = '';
    directory.answer = (request, play) => {
      const hash = hashes.get(uid);
      if (request.kind === 'search' && hash === undefined) play.write(done(request.id));
      else oneEntry(dn, password, { userPassword: [hash ?? ''] })(request, play);
    };
    store = makeStore(usual(directory.url, { check: 'verify-here', allowWeak: ['PLAIN'] }));
    const spent = async (who: string): Promise<number> => {
      uid = who;
      const before = process.cpuUsage();
      await store!.verify(attempt({ user: `${who}@example.org`, password: 'wrong' }), AbortSignal.timeout(3000));
      return process.cpuUsage(before).user;
    };
    for (const who of ['ann', 'bob', 'cheap']) await spent(who);
    const cheap = Math.min(await spent('cheap'), await spent('cheap'));
    for (const who of ['ann', 'bob', 'ann', 'bob', 'cheap']) await spent(who);
    expect(await spent('nobody')).toBeGreaterThan(5 * cheap);
  });

  it('knows a locked account by its entry, for as long as the lock counts', async () => {
    const withLock = (time: string, bind: number): void => {
      directory.answer = (request, play) => {
        if (request.kind === 'bind' && request.name === dn) play.write(bound(request.id, bind));
        else oneEntry(dn, password, { pwdAccountLockedTime: [time], userPassword: [password] })(request, play);
      };
    };
    const verifyHere = { check: 'verify-here', allowWeak: ['PLAIN'] };
    withLock('20200101000000Z', 49);
    expect(await ask()).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: false });
    expect(await ask({ lockedFor: '15m' })).toEqual({ kind: 'rejected' });
    expect(await ask(verifyHere)).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: true });
    expect(await ask({ ...verifyHere, lockedFor: '15m' })).toMatchObject({ kind: 'accepted' });
    withLock('000001010000Z', 49);
    expect(await ask({ lockedFor: '15m' })).toMatchObject({ kind: 'refused', why: 'locked' });
    withLock('20200101000000Z', 0);
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  it('takes a name that is no DN for Active Directory, and lets nobody make a DN of it', async () => {
    directory.answer = (request, { write }) => {
      if (request.kind === 'bind') write(bound(request.id));
    };
    store = makeStore(byTemplate(directory.url, { dn: '{user}' }));
    const verdictOf = (user: string): Promise<Verdict> => store!.verify(attempt({ user, password }), AbortSignal.timeout(3000));
    expect(await verdictOf('ann@example.org')).toMatchObject({ kind: 'accepted' });
    for (const user of ['cn=manager,dc=example,dc=org', 'EXAMPLE\\administrator', 'example.org/users/ann', '<GUID=1>', 'S-1-5-21;x']) {
      expect(await verdictOf(user)).toEqual({ kind: 'unknown-user' });
    }
    expect(directory.binds().map((each) => each.name)).toEqual(['ann@example.org']);
  });
});
