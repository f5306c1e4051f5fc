import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isOfThisLogin, type Lookup, type Verdict } from '@postern/contract';
import {
  attempt,
  describeWithServers,
  FaultyProxy,
  ServerRoom,
  slapdManager,
  slapdSuffix,
  startSlapd,
  type Slapd,
  type StoreUnderTest,
} from '@postern/testkit';
import { byTemplate, makeStore, usual } from './make-store.js';
import { entry, everybody, frame, people, policy } from './people.js';

const never = new AbortController().signal;
const verifyHere = { check: 'verify-here', allowWeak: ['SSHA'], bind: slapdManager };

describeWithServers({ describe, it }, 'a real slapd', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let twin: Slapd;
  let store: StoreUnderTest | undefined;
  const url = (): string => `ldap://127.0.0.1:${slapd.port}`;

  const data = [
    frame,
    everybody,
    entry({ uid: 'twice-a', mail: 'twice@example.org', password: 'x' }).replace(/dn:: .*/, `dn: uid=twice-a,${people}`),
    entry({ uid: 'twice-b', mail: 'twice@example.org', password: 'x' }).replace(/dn:: .*/, `dn: uid=twice-b,${people}`),
    entry({ uid: 'tried', password: 'Right-of-tried' }),
    entry({ uid: 'locked', password: 'Right-of-locked', more: ['pwdAccountLockedTime: 000001010000Z'] }),
    entry({ uid: 'reset', password: 'Right-of-reset', more: ['pwdReset: TRUE'] }),
    entry({
      uid: 'stale',
      password: 'Right-of-stale',
      more: ['pwdChangedTime: 20200101000000Z', `pwdPolicySubentry: cn=strict,${slapdSuffix}`],
    }),
    entry({ uid: 'empty' }),
    entry({ uid: 'alias', mail: ['alias@example.org', 'other.name@example.org'], password: 'Right-of-alias' }),
  ].join('');

  beforeAll(async () => {
    room = await ServerRoom.open();
    slapd = await startSlapd(room, { name: 'policy', ldif: data, policy });
    twin = await startSlapd(room, { name: 'twin', ldif: data, policy });
  });
  afterEach(async () => {
    await store?.stop?.(never);
    store = undefined;
  });
  afterAll(() => room.close());

  const use = async (input: object): Promise<void> => {
    await store?.stop?.(never);
    store = makeStore(input);
  };
  const login = (uid: string, password: string): Promise<Verdict> =>
    store!.verify(attempt({ user: `${uid}@example.org`, password }), AbortSignal.timeout(4000));
  const lookup = (uid: string): Promise<Lookup> => store!.lookup!(`${uid}@example.org`, AbortSignal.timeout(4000));

  it('lets in who meets the requirement, and says so of those who do not only when the password is right', async () => {
    const memberOf = `(memberOf=cn=mail,${slapdSuffix})`;
    for (const input of [
      usual(url(), { require: memberOf }),
      usual(url(), { ...verifyHere, require: memberOf }),
      byTemplate(url(), { require: memberOf }),
    ]) {
      await use(input);
      expect(await login('ann', 'Hash-of-Ann')).toMatchObject({ kind: 'accepted' });
      expect(await login('guest', 'Right-but-guest')).toMatchObject({ kind: 'refused', why: 'policy', proofHeld: true });
      expect(await login('guest', 'wrong')).toEqual({ kind: 'rejected' });
    }
  });

  it('does not start where the search cannot work, and says why', async () => {
    const base = `ou=gone,${slapdSuffix}`;
    for (const input of [usual(url(), { base }), usual(url(), { ...verifyHere, base }), byTemplate(url(), { base, bind: slapdManager })]) {
      await use(input);
      await expect(store!.start!(never)).rejects.toThrow(
        /the search below "ou=gone,.*" does not work: the directory answered 32 to a search/u,
      );
    }
    await use(usual(url()));
    await store!.start!(never);
    expect(await store!.health!(never)).toEqual({ status: 'up' });
  });

  it('starts where several entries are called like the one that it looks for then', async () => {
    await use(usual(url(), { filter: '(|(mail={user})(mail=twice@example.org))' }));
    await store!.start!(never);
    expect(await store!.health!(never)).toEqual({ status: 'up' });
  });

  it('says whose account it is that a wrong password was tried at, where the login is another name of it', async () => {
    const attributes = { user: 'mail' };
    const named = { filter: '(|(mail={user})(uid={local}))', attributes };
    for (const input of [usual(url(), named), usual(url(), { ...verifyHere, ...named })]) {
      await use(input);
      const asked = store!.verify(attempt({ user: 'ann@elsewhere.example', password: 'wrong' }), AbortSignal.timeout(4000));
      expect(await asked).toEqual({ kind: 'rejected', user: 'ann@example.org' });
      expect(await login('ann', 'wrong')).toEqual({ kind: 'rejected' });
    }
  });

  it('blames nobody else for an entry without a password, or for two entries of one name', async () => {
    for (const [input, user] of [
      [usual(url(), { ...verifyHere }), 'empty'],
      [usual(url()), 'twice'],
    ] as const) {
      await use(input);
      const verdict = await login(user, 'x');
      expect(verdict).toMatchObject({ kind: 'deferred' });
      expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(true);
    }
  });

  it('gives attributes to the account in every way', async () => {
    const attributes = { host: 'departmentNumber', groups: 'memberOf' };
    const account = { user: 'ann@example.org', attributes: { host: 'mail-b', groups: `cn=mail,${slapdSuffix}` } };
    for (const input of [usual(url(), { attributes }), usual(url(), { ...verifyHere, attributes }), byTemplate(url(), { attributes })]) {
      await use(input);
      expect(await login('ann', 'Hash-of-Ann')).toEqual({ kind: 'accepted', account });
    }
    await use(usual(url(), { attributes, filter: '(uid={local})', require: '(mail={user})' }));
    expect(await lookup('ann')).toEqual({ kind: 'found', account });
  });

  it('defers when two entries match', async () => {
    for (const input of [usual(url()), usual(url(), verifyHere)]) {
      await use(input);
      expect(await login('twice', 'x')).toMatchObject({ kind: 'deferred' });
      expect(await lookup('twice')).toMatchObject({ kind: 'deferred' });
    }
  });

  it('tells whom it does not know from whom it knows, except by a template', async () => {
    await use(usual(url()));
    expect(await login('nobody', 'x')).toEqual({ kind: 'unknown-user' });
    expect(await login('empty', 'x')).toEqual({ kind: 'rejected' });
    await use(usual(url(), verifyHere));
    expect(await login('empty', 'x')).toMatchObject({ kind: 'deferred' });
    expect(await login('nobody', 'x')).toEqual({ kind: 'unknown-user' });
    await use(byTemplate(url()));
    expect(store!.abilities.knowsUsers).toBe(false);
    expect(await login('nobody', 'x')).toEqual({ kind: 'rejected' });
  });

  it('learns from the password policy that an account is locked, and does not say so of others', async () => {
    await use(usual(url()));
    expect(await login('locked', 'Right-of-locked')).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: false });
    for (let turn = 0; turn < 3; turn += 1) expect(await login('tried', 'wrong')).toEqual({ kind: 'rejected' });
    expect(await login('tried', 'Right-of-tried')).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: false });
    await use(byTemplate(url()));
    expect(await login('tried', 'Right-of-tried')).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: false });
    await use(usual(url(), verifyHere));
    expect(await login('locked', 'Right-of-locked')).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: true });
    expect(await lookup('locked')).toEqual({ kind: 'refused', why: 'locked' });
  });

  it('learns from the password policy that a password expired or must be changed, once it was right', async () => {
    await use(usual(url()));
    expect(await login('stale', 'Right-of-stale')).toMatchObject({ kind: 'refused', why: 'expired', proofHeld: true });
    expect(await login('stale', 'wrong')).toEqual({ kind: 'rejected' });
    expect(await login('reset', 'Right-of-reset')).toMatchObject({ kind: 'refused', why: 'expired', proofHeld: true });
    expect(await login('reset', 'wrong')).toEqual({ kind: 'rejected' });
  });

  it('gives one user to all of his addresses when the config maps it', async () => {
    await use(usual(url(), { attributes: { user: 'uid' } }));
    for (const name of ['alias', 'other.name']) {
      expect(await login(name, 'Right-of-alias')).toMatchObject({ kind: 'accepted', account: { user: 'alias' } });
    }
  });

  it('goes to the next server when the first is out, in every way that it can be, and back', async () => {
    const proxy = await FaultyProxy.start(room, { host: '127.0.0.1', port: slapd.port });
    for (const fault of [{ kind: 'refuse' }, { kind: 'black-hole' }, { kind: 'garbage' }, { kind: 'reset' }] as const) {
      await use(usual([`ldap://127.0.0.1:${proxy.port}`, `ldap://127.0.0.1:${twin.port}`], { timeout: '200ms', connectTimeout: '200ms' }));
      await proxy.become({ kind: 'pass' });
      expect(await login('ann', 'Hash-of-Ann')).toMatchObject({ kind: 'accepted' });
      await proxy.become(fault);
      let verdict = await login('ann', 'Hash-of-Ann');
      for (let turn = 0; verdict.kind !== 'accepted' && turn < 6; turn += 1) verdict = await login('ann', 'Hash-of-Ann');
      expect([fault.kind, verdict.kind]).toEqual([fault.kind, 'accepted']);
      expect(await store?.health?.(AbortSignal.timeout(1000))).toMatchObject({ status: 'degraded' });
      await proxy.become({ kind: 'pass' });
      let health = await store?.health?.(AbortSignal.timeout(1000));
      for (const until = Date.now() + 5000; health?.status !== 'up' && Date.now() < until;) {
        // Asked without a pause, it would keep Node from reading the clock, and time-outs would be over before they began.
        await setTimeout(10);
        health = await store?.health?.(AbortSignal.timeout(1000));
      }
      expect(health).toEqual({ status: 'up' });
    }
    await proxy.stop();
  });

  it('says when it cannot start, and which server is to blame, without the service account’s password', async () => {
    await use(usual(url(), { bind: { dn: `cn=search,${slapdSuffix}`, password: 'Not-the-service-password' } }));
    await expect(store!.start!(never)).rejects.toThrow(`${url()} does not take the service account`);
    const health = await store!.health!(never);
    expect(health).toMatchObject({ status: 'down', note: expect.stringContaining(url()) });
    expect(JSON.stringify(health)).not.toContain('Not-the-service-password');
    expect(await login('ann', 'Hash-of-Ann')).toMatchObject({ kind: 'deferred' });
  });

  it('uses no more connections than it may', async () => {
    const proxy = await FaultyProxy.start(room, { host: '127.0.0.1', port: slapd.port });
    await use(usual(`ldap://127.0.0.1:${proxy.port}`, { pool: { search: 2, bind: 3 } }));
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => login('ann', 'Hash-of-Ann')));
    expect(verdicts.every((each) => each.kind === 'accepted')).toBe(true);
    expect(proxy.taken).toBe(5);
    await proxy.stop();
  });
});
