import { afterEach, describe, expect, it } from '@jest/globals';
import { isOfThisLogin, type Lookup, type Verdict } from '@postern/contract';
import { attempt, type StoreUnderTest } from '@postern/testkit';
import { liveServices, makeStore } from './make-store.js';
import { always, asRecorded, loginCalled, type RecordedLogin, recording } from './recorded-directory.js';
import { ScriptedDirectory, type Answering } from './scripted-directory.js';

const samba = recording('samba-4.17');
const nsslapd = recording('389-ds-2.3');
const never = new AbortController().signal;

describe('what real servers answered, played back', () => {
  let directory: ScriptedDirectory | undefined;
  let store: StoreUnderTest | undefined;
  const services = liveServices();

  const close = async (): Promise<void> => {
    await store?.stop?.(never);
    await directory?.stop();
    store = undefined;
    directory = undefined;
  };
  afterEach(close);

  const open = async (answer: Answering, input: object): Promise<StoreUnderTest> => {
    await close();
    directory = await ScriptedDirectory.start(answer);
    store = makeStore({ url: directory.url, timeout: '1s', ...input }, services);
    return store;
  };
  const signal = (): AbortSignal => AbortSignal.timeout(3000);
  const login = async (who: StoreUnderTest, user: string): Promise<Verdict> => who.verify(attempt({ user, password: 'given' }), signal());
  const look = async (who: StoreUnderTest, user: string): Promise<Lookup | undefined> => who.lookup?.(user, signal());

  describe(samba.product, () => {
    const service = 'postern@corp.example.org';
    const usual = { base: samba.base, filter: samba.filter, bind: { dn: service, password: 'secret' }, attributes: { user: 'mail' } };
    const require = '(memberOf:1.2.840.113556.1.4.1941:=cn=mail users,ou=groups,dc=corp,dc=example,dc=org)';
    const played = (name: string): RecordedLogin => loginCalled(samba, name);
    const verdictOf = async (name: string, more: object = {}): Promise<Verdict> =>
      login(await open(asRecorded(played(name), service), { ...usual, ...more }), played(name).user);

    it.each([
      ['wrong password (52e)', { kind: 'rejected' }],
      ['disabled (533)', { kind: 'refused', why: 'disabled', proofHeld: true }],
      ['disabled, wrong password (52e)', { kind: 'rejected' }],
      ['account expired (701)', { kind: 'refused', why: 'expired', proofHeld: true }],
      ['password must be changed (773)', { kind: 'refused', why: 'expired', proofHeld: true }],
      ['password expired (532)', { kind: 'refused', why: 'expired', proofHeld: true }],
      ['not at this hour (530)', { kind: 'refused', why: 'policy', proofHeld: true }],
      ['not from this workstation (531)', { kind: 'refused', why: 'policy', proofHeld: true }],
      ['locked (775)', { kind: 'refused', why: 'locked', proofHeld: false }],
      ['nobody', { kind: 'unknown-user' }],
      ['not ASCII', { kind: 'accepted', account: { user: 'joerg@corp.example.org' } }],
      ['another address', { kind: 'accepted', account: { user: 'bea.long@example.org' } }],
    ])('%s', async (name, verdict) => {
      expect(await verdictOf(name)).toMatchObject(verdict);
    });

    it('looks into groups within groups', async () => {
      expect(await verdictOf('right password, in the group through another group', { require })).toMatchObject({ kind: 'accepted' });
      expect(await verdictOf('right password, not in the group', { require })).toMatchObject({
        kind: 'refused',
        why: 'policy',
        proofHeld: true,
      });
    });

    it('does not let an expired account in that only a certificate speaks for', async () => {
      const expired = played('account expired (701)');
      expect(await look(await open(asRecorded(expired, service), usual), expired.user)).toEqual({ kind: 'refused', why: 'expired' });
      const ann = played('wrong password (52e)');
      expect(await look(await open(asRecorded(ann, service), usual), ann.user)).toMatchObject({ kind: 'found' });
    });

    it.each([service, 'CORP\\postern', 'CN=Postern, OU=Services,DC=corp,DC=example,DC=org'])(
      'tries no password of anybody at the service account (%s), which could be locked so',
      async (dn) => {
        const own = { ...played('the service account'), bind: loginCalled(samba, 'locked (775)').bind ?? '' };
        const opened = await open(asRecorded(own, dn), { ...usual, bind: { dn, password: 'secret' } });
        expect(await login(opened, own.user)).toMatchObject({ kind: 'refused', why: 'policy', proofHeld: false });
        expect(directory?.binds().map(({ name }) => name)).toEqual([dn, `cn=nobody-of-this-name,${samba.base}`]);
      },
    );

    it('asks whether it may try before it tries, in one word for all names of an account', async () => {
      const asked: string[] = [];
      const mayTry = (account: string): Promise<boolean> => Promise.resolve(asked.push(account) < 2);
      const bea = played('another address');
      const opened = await open(asRecorded(bea, service), usual);
      const tried = async (user: string): Promise<Verdict> => opened.verify({ ...attempt({ user, password: 'x' }), mayTry }, signal());
      expect(await tried('bea3@example.org')).toMatchObject({ kind: 'accepted' });
      expect(await tried('bea.long@corp.example.org')).toEqual({ kind: 'limited' });
      expect(asked).toEqual(Array.from({ length: 2 }, () => 'cn=bea long,ou=people,dc=corp,dc=example,dc=org'));
      expect(directory?.binds().filter(({ name }) => name.startsWith('CN=Bea'))).toHaveLength(1);
    });

    it('asks so under a template as well, where the service account can look who it is, and tries nobody whom the filter does not know', async () => {
      const bea = played('another address');
      const opened = await open(asRecorded(bea, service), { ...usual, check: 'template', dn: '{user}' });
      const tried = async (mayTry: boolean): Promise<Verdict> =>
        opened.verify({ ...attempt({ user: bea.user, password: 'x' }), mayTry: () => Promise.resolve(mayTry) }, signal());
      expect(await tried(false)).toEqual({ kind: 'limited' });
      expect(await tried(true)).toMatchObject({ kind: 'accepted' });
      expect(directory?.binds().filter(({ name }) => name === bea.user)).toHaveLength(1);
      directory!.answer = asRecorded({ ...played('nobody'), bind: bea.bind ?? '' }, service);
      const before = directory!.binds().length;
      expect(await tried(true)).toEqual({ kind: 'unknown-user' });
      expect(directory?.binds()).toHaveLength(before);
    });

    it('blames the login alone when a template lets in whom the filter does not know: there are more names than one', async () => {
      const nobody = { ...played('nobody'), bind: played('another address').bind ?? '' };
      const opened = await open(asRecorded(nobody, ''), { ...usual, bind: undefined, check: 'template', dn: '{user}' });
      const verdict = await login(opened, 'blong@corp.example.org');
      expect(verdict).toMatchObject({ kind: 'deferred', cause: { message: expect.stringContaining('no entry is found for the login') } });
      expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(true);
    });

    it.each(['severalEntries', 'manyEntries'])('defers, of this login, where several entries match: %s', async (answer) => {
      const verdict = await login(await open(always('search', samba.answers[answer] ?? ''), usual), 'twin@corp.example.org');
      expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(true);
    });

    it.each([
      ['clearTextBind', /the directory answered 8 to a bind: .*Transport encryption required.*wants TLS: `ldaps:\/\/` or `startTls: true`/],
      ['wrongServicePassword', /does not take the service account: the directory answered 49 to a bind: .*data 52e/],
    ])('says in the health, too, why the service account is not taken: %s', async (answer, words) => {
      const opened = await open(always('bind', samba.answers[answer] ?? ''), usual);
      await expect(opened.start!(signal())).rejects.toThrow(words);
      expect(await opened.health!(signal())).toMatchObject({ status: 'down', note: expect.stringMatching(words) });
    });

    it.each([
      ['unauthenticatedSearch', /answered 1 to a search: 00002020: Operation unavailable without authentication$/],
      ['missingBase', /answered 32 to a search/],
    ])('does not start where it cannot search: %s', async (answer, words) => {
      const opened = await open((request, play) => always('search', samba.answers[answer] ?? '')(request, play), usual);
      await expect(opened.start!(signal())).rejects.toThrow(words);
    });
  });

  describe(nsslapd.product, () => {
    const service = 'uid=postern,dc=example,dc=org';
    const usual = { base: nsslapd.base, filter: nsslapd.filter, bind: { dn: service, password: 'secret' } };
    const played = (name: string): RecordedLogin => loginCalled(nsslapd, name);
    const template = { check: 'template', dn: 'uid={local},cn=users,dc=example,dc=org' };

    it.each([
      ['right password', { kind: 'accepted' }],
      ['wrong password', { kind: 'rejected' }],
      ['disabled (nsAccountLock)', { kind: 'refused', why: 'disabled', proofHeld: false }],
      ['too many tries', { kind: 'refused', why: 'locked', proofHeld: false }],
      ['password expired, no grace left', { kind: 'refused', why: 'expired', proofHeld: true }],
      ['password expired, wrong password', { kind: 'rejected' }],
      ['password expired, a grace login', { kind: 'accepted' }],
      ['password about to expire', { kind: 'accepted' }],
      ['password must be changed', { kind: 'refused', why: 'expired', proofHeld: true }],
      ['not used for too long (account policy plugin)', { kind: 'refused', why: 'expired', proofHeld: false }],
    ])('%s', async (name, verdict) => {
      expect(await login(await open(asRecorded(played(name), service), usual), played(name).user)).toMatchObject(verdict);
      expect(await login(await open(asRecorded(played(name), service), template), played(name).user)).toMatchObject(verdict);
    });

    it('shows when a password was changed', async () => {
      const { user } = played('password must be changed');
      expect(await look(await open(asRecorded(played('password must be changed'), service), usual), user)).toMatchObject({
        kind: 'found',
        account: { attributes: { passwordChangedAt: expect.stringMatching(/^\d{13}$/) } },
      });
    });

    it.each([
      ['hashPbkdf2Sha512', 'given', { kind: 'rejected' }],
      ['hashPbkdf2_sha256', 'Secret-of-Ann', { kind: 'accepted' }],
      ['hashPbkdf2Sha512', 'Right-Secret-1', { kind: 'accepted' }],
      ['hashOfDisabled', 'Right-Secret-1', { kind: 'refused', why: 'disabled', proofHeld: true }],
      ['hashOfDisabled', 'wrong', { kind: 'rejected' }],
      ['hashOfLocked', 'Right-Secret-1', { kind: 'refused', why: 'locked', proofHeld: true }],
    ])('keeps hashes and marks that are understood here: %s with %j', async (answer, password, verdict) => {
      const opened = await open(always('search', nsslapd.answers[answer] ?? ''), { ...usual, check: 'verify-here' });
      expect(await opened.verify(attempt({ user: 'ann@example.org', password }), signal())).toMatchObject(verdict);
    });

    it('shows nothing to whom it gives no rights, which the log says at the start', async () => {
      const opened = await open(always('search', nsslapd.answers['anonymousSearch'] ?? ''), usual);
      await opened.start!(signal());
      expect(services.log.lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('shows nothing at `base`') });
    });
  });
});
