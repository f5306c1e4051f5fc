import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Verdict } from '@postern/contract';
import { accepted, fakeStore, never } from '../fakes.js';
import { broken, failThrice, guarded, roomOf, unknown } from './room.js';

describe('a store that keeps failing', () => {
  it('is no longer asked: logins are deferred at once, and the cause names the store', async () => {
    const store = fakeStore(broken);
    const room = roomOf([guarded('ldap', store)]);
    await failThrice(room);
    const { verdict, steps, tookMs } = await room.login('d');
    expect(verdict.kind).toBe('deferred');
    expect(steps.find(({ stage }) => stage === 'store')).toMatchObject({
      instance: 'ldap',
      outcome: 'deferred',
      detail: expect.stringContaining('ldap is not asked just now'),
    });
    expect(tookMs).toBe(0);
    expect(store.asked).toHaveLength(3);
  });

  it.each<[string, CredentialStore]>([
    ['defers', fakeStore(broken)],
    ['throws', fakeStore(() => Promise.reject(new Error('a bug')))],
    ['answers nonsense', fakeStore({ kind: 'perhaps' } as unknown as Verdict)],
    ['never answers', fakeStore(() => never())],
  ])('is one that %s', async (_, store) => {
    const room = roomOf([guarded('ldap', store)]);
    for (const user of ['a', 'b', 'c']) {
      const login = room.login(user);
      await room.clock.pass(5000);
      await login;
    }
    expect(room.guards.get('ldap')?.status.circuit).toBe('open');
  });

  it.each<Verdict>([
    { kind: 'rejected' },
    unknown,
    { kind: 'refused', why: 'disabled', proofHeld: true },
    { kind: 'limited' },
    { kind: 'unsupported' },
  ])('is not one that says $kind', async (verdict) => {
    const room = roomOf([guarded('ldap', fakeStore(verdict))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is not one with too much to do: that shows it works', async () => {
    const busy = Object.assign(new Error('full'), { overloaded: true });
    const room = roomOf([guarded('ldap', fakeStore({ kind: 'deferred', cause: new Error('no check', { cause: busy }) }))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is not one that says each time that the login is to blame, and so lets outsiders shut nobody out', async () => {
    const strange = Object.assign(new Error('no such letters'), { ofThisLogin: true });
    const room = roomOf([guarded('sql', fakeStore({ kind: 'deferred', cause: new Error('no row', { cause: strange }) }))]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(room.guards.get('sql')?.status.circuit).toBe('closed');
  });

  it('is not one that cannot tell of a single user, however often that one comes', async () => {
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async ({ user }) => (user.startsWith('odd') ? broken : accepted(user))),
      ),
    ]);
    for (let count = 0; count < 50; count++) await room.login('odd');
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
    expect(await room.kindOf('anna')).toBe('accepted');
  });

  it('is not one that cannot tell of a few users, in whatever order they come', async () => {
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async ({ user }) => (user.startsWith('odd') ? broken : accepted(user))),
      ),
    ]);
    for (let count = 0; count < 50; count++) await room.login(`odd${count % 2}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
    expect(await room.kindOf('anna')).toBe('accepted');
  });

  it('is not one whose failures do not follow each other', async () => {
    let count = 0;
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async ({ user }) => (count++ % 3 === 2 ? accepted(user) : broken)),
      ),
    ]);
    for (let login = 0; login < 30; login++) await room.login(`user${login}`);
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('is asked again and again where the breaker is off', async () => {
    const store = fakeStore(broken);
    const room = roomOf([guarded('ldap', store, { breaker: undefined })]);
    for (let count = 0; count < 20; count++) await room.login(`user${count}`);
    expect(store.asked).toHaveLength(20);
  });

  it('is said once in the log, without secrets, and again when it answers', async () => {
    const answers: Verdict[] = [1, 2, 3].map(() => ({ kind: 'deferred', cause: new Error('bindpw: right was refused') }));
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async () => answers.shift() ?? accepted()),
      ),
    ]);
    await failThrice(room);
    for (const user of ['d', 'e', 'f']) await room.login(user);
    const said = room.log.loud.filter(({ message }) => message.includes('keeps failing'));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({
      level: 'error',
      fields: { instance: 'ldap', failures: 3, forMs: 2000, cause: 'Error: [secret]: [secret] was refused' },
    });
    expect(room.guards.get('ldap')?.status.note).toMatch(/^not asked since .*Error: \[secret\]: \[secret\] was refused/);
    await room.clock.pass(2000);
    expect(await room.kindOf('g')).toBe('accepted');
    expect(room.log.loud.at(-1)).toMatchObject({ message: 'a store answers again', fields: { instance: 'ldap', afterMs: 2000 } });
    expect(room.guards.get('ldap')?.status).toEqual({ name: 'ldap', circuit: 'closed', asking: 0, waiting: 0 });
  });
});
