import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask, CredentialStore, Heard, Lifecycle, Policy, Verdict } from '@postern/contract';
import {
  attempt,
  describeWithServers,
  fakeServices,
  LiveClock,
  parseConfig,
  requireProgram,
  ServerRoom,
  slapdManager,
  slapdSuffix,
  startPostgres,
  startSlapd,
  type DatabaseServer,
  type FakeServices,
  type Slapd,
} from '@postern/testkit';
import { bundledPlugins } from '../src/plugins.js';

const run = promisify(execFile);
const never = new AbortController().signal;
const policy = `cn=policy,${slapdSuffix}`;
const users = ['ann', 'bob', 'eve', 'old', 'uma'] as const;
const dnOf = (uid: string): string => `uid=${uid},${slapdSuffix}`;

const ldif = [
  `dn: ${policy}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 5\n\n`,
  ...users.map(
    (uid) =>
      `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${uid}@example.org\nuserPassword: First-of-${uid}\n\n`,
  ),
].join('');

const setup = `
create table users (email text primary key, password text, enabled boolean not null default true);
insert into users (email) select unnest(array['ann', 'bob', 'eve', 'old', 'uma']) || '@example.org';`;

type Store = CredentialStore & Lifecycle;

const storeOf = (use: string, config: object, services: FakeServices): Store => {
  const plugin = bundledPlugins.get(use);
  if (plugin?.role !== 'credential-store') throw new Error(`${use} is not bundled`);
  return plugin.create(parseConfig(plugin, config), services) as Store;
};

/** As the chain asks: on until somebody knows; what could not be told is not forgotten. */
const chainOf =
  (services: FakeServices, stores: readonly (readonly [string, Store])[]): Ask =>
  async (login, signal) => {
    const heard: Heard[] = [];
    let deferred: Verdict | undefined;
    for (const [name, store] of stores) {
      const verdict = await store.verify(login, signal).catch((cause: unknown): Verdict => ({ kind: 'deferred', cause }));
      heard.push({ store: name, kind: verdict.kind });
      services.stores.tell(login, ...heard);
      if (verdict.kind === 'deferred') deferred = verdict;
      else if (verdict.kind !== 'unknown-user') return verdict.kind === 'rejected' ? (deferred ?? verdict) : verdict;
    }
    return deferred ?? { kind: 'unknown-user' };
  };

describeWithServers({ describe, it }, 'capture between a real slapd and a real PostgreSQL', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let database: DatabaseServer;
  let services: FakeServices;
  let staff: Store;
  let customers: Store;
  let capture: Policy & Lifecycle;

  beforeAll(async () => {
    room = await ServerRoom.open();
    slapd = await startSlapd(room, { name: 'staff', ldif, policy });
    database = await startPostgres(room, { setup });
    services = fakeServices({ clock: new LiveClock() });
    staff = storeOf('ldap', { url: `ldap://127.0.0.1:${slapd.port}`, base: slapdSuffix, bind: slapdManager }, services);
    customers = storeOf(
      'sql',
      {
        url: database.url,
        query: 'select password, enabled from users where email = {user}',
        noPassword: 'unknown-user',
        enroll: 'update users set password = {password} where email = {user} and password is not distinct from {previous}',
      },
      services,
    );
    services.stores.put('staff', staff).put('customers', customers);
    const plugin = bundledPlugins.get('capture');
    if (plugin?.role !== 'policy') throw new Error('capture is not bundled');
    const config = { from: 'staff', into: 'customers', disabledFor: '1ms', perSecond: 1000, scheme: 'ssha512', clockSkew: '0s' };
    capture = plugin.create(parseConfig(plugin, config), services) as Policy & Lifecycle;
    await staff.start?.(never);
    await customers.start?.(never);
    await capture.start?.(never);
    // What the ledger of a deployment would find again.
    services.ledger.follow((event) => {
      if (event.kind === 'captured') {
        services.ledger.entries.set(event.user, { captured: { into: event.into, at: Date.now(), digest: event.digest }, disabledIn: [] });
      } else if (event.kind === 'withdrawn') services.ledger.entries.delete(event.user);
    });
  }, 120_000);
  afterAll(async () => {
    for (const one of [capture, staff, customers]) await one.stop?.(never);
    await room.close();
  });

  const login = (uid: string, password: string, ...order: readonly ('staff' | 'customers')[]): Promise<Verdict> => {
    const stores = { staff, customers };
    const ask = capture.around(
      chainOf(
        services,
        order.map((name) => [name, stores[name]]),
      ),
    );
    return ask(attempt({ user: `${uid}@example.org`, password }), AbortSignal.timeout(10_000));
  };
  const inBoth = (uid: string, password: string): Promise<Verdict> => login(uid, password, 'customers', 'staff');
  const events = (kind: string): number => services.ledger.noted.filter((event) => event.kind === kind).length;
  const untilNoted = async (kind: string, uid: string): Promise<void> => {
    const user = `${uid}@example.org`;
    const isIt = (event: { readonly kind: string; readonly user?: string }): boolean => event.kind === kind && event.user === user;
    await new Promise<void>((resolve) => {
      if (services.ledger.noted.some(isIt)) resolve();
      else services.ledger.follow((event) => (isIt(event) ? resolve() : undefined));
    });
  };
  const captured = async (uid: string): Promise<void> => {
    expect((await login(uid, `First-of-${uid}`, 'staff')).kind).toBe('accepted');
    await untilNoted('captured', uid);
  };
  const binds = (uid: string): number => slapd.output().match(new RegExp(`BIND dn="${dnOf(uid)}" method`, 'g'))?.length ?? 0;
  const manage = ['-x', '-D', slapdManager.dn, '-w', slapdManager.password] as const;
  const url = (): string => `ldap://127.0.0.1:${slapd.port}`;

  it('moves a password into the database, which then answers without the directory', async () => {
    await captured('ann');
    expect(await database.sql("select password like '{SSHA512}%' from users where email = 'ann@example.org'")).toContain('t');
    const before = binds('ann');
    expect((await inBoth('ann', 'First-of-ann')).kind).toBe('accepted');
    for (let time = 0; time < 10; time += 1) expect((await inBoth('ann', 'wrong')).kind).toBe('rejected');
    expect(binds('ann')).toBe(before);
  });

  it('lets the password that was changed in the directory win, and the old one no more', async () => {
    await captured('bob');
    await run(requireProgram('ldappasswd'), [...manage, '-H', url(), '-s', 'Second-of-bob', dnOf('bob')]);
    expect((await inBoth('bob', 'Second-of-bob')).kind).toBe('accepted');
    expect(events('withdrawn')).toBe(1);
    expect((await inBoth('bob', 'First-of-bob')).kind).toBe('rejected');
    expect((await inBoth('bob', 'Second-of-bob')).kind).toBe('accepted');
  });

  it('refuses whom the directory has locked, and whom the database has disabled', async () => {
    await captured('eve');
    const change = `dn: ${dnOf('eve')}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n`;
    const modify = run(requireProgram('ldapmodify'), [...manage, '-H', url(), '-e', 'relax']);
    modify.child.stdin?.end(change);
    await modify;
    expect(await inBoth('eve', 'First-of-eve')).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: true });
    await database.sql("update users set enabled = false where email = 'old@example.org'");
    expect(await login('old', 'First-of-old', 'staff')).toMatchObject({ kind: 'refused', why: 'disabled', proofHeld: true });
  });

  it('does not fall back for captured users while the database is down, and lets in the others', async () => {
    await database.stop();
    expect((await inBoth('ann', 'First-of-ann')).kind).toBe('deferred');
    expect((await inBoth('uma', 'First-of-uma')).kind).toBe('accepted');
    await database.start();
    let verdict = await inBoth('ann', 'First-of-ann');
    while (verdict.kind === 'deferred') verdict = await inBoth('ann', 'First-of-ann');
    expect(verdict.kind).toBe('accepted');
  });
});
