import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  describeStoreOutages,
  describeWithServers,
  type FakeServices,
  ServerRoom,
  type Slapd,
  slapdManager,
  slapdSuffix,
  startSlapd,
  type StoreUnderTest,
} from '@postern/testkit';
import { make, open, type Opened } from './support.js';

const people = `ou=people,${slapdSuffix}`;
const names = ['ann', ...Array.from({ length: 40 }, (_, index) => `user-${index}`)];
const passwordOf = (name: string): string => `Secret of ${name}: ü`;

const ldif = [
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
  ...names.map(
    (name) =>
      `dn: uid=${name},${people}\nobjectClass: inetOrgPerson\nuid: ${name}\ncn: ${name}\nsn: x\nmail: ${name}@example.org\n` +
      `userPassword:: ${Buffer.from(passwordOf(name)).toString('base64')}\n`,
  ),
].join('\n');

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

describeWithServers(runner, 'passport-ldapauth at a real slapd', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let opened: Opened;
  let authority: CertificateAuthority;

  const serverAt = (url: string): Readonly<Record<string, unknown>> => ({
    url,
    bindDN: slapdManager.dn,
    bindCredentials: { env: 'MANAGER' },
    searchBase: people,
    searchFilter: '(mail={{username}})',
    tlsOptions: { ca: [{ file: authority.cert }] },
  });
  const env = { MANAGER: slapdManager.password };

  beforeAll(async () => {
    room = await ServerRoom.open();
    authority = await CertificateAuthority.create(room);
    slapd = await startSlapd(room, { name: 'passport', ldif, tls: await authority.server() });
    opened = await open({ strategy: 'passport-ldapauth', options: { server: serverAt(`ldaps://127.0.0.1:${slapd.tlsPort}`) } }, env);
  });
  afterAll(() => room.close());

  it('overlapping logins get their own answers, over TLS that is verified against the own authority', async () => {
    const asked = names.flatMap((name) =>
      [passwordOf(name), 'wrong'].map((password) => opened.ask({ user: `${name}@example.org`, password })),
    );
    const answers = (await Promise.all(asked)).map((verdict) =>
      verdict.kind === 'accepted' ? verdict.account.attributes['uid'] : verdict.kind,
    );
    expect(answers).toEqual(names.flatMap((name) => [name, 'rejected']));
  });

  it('finds nobody by a filter in the login', async () => {
    for (const user of ['*', '*)(uid=*', 'ann*', '*@example.org']) {
      expect((await opened.ask({ user, password: passwordOf('ann') })).kind).toBe('rejected');
    }
  });

  // Nobody can end from outside what a strategy waits for, so it is given time limits of its own.
  const store = (url: string, services: FakeServices, more: object = {}): StoreUnderTest => {
    const server = { ...serverAt(url), timeout: 250, connectTimeout: 250, ...more };
    return make({ strategy: 'passport-ldapauth', options: { server } }, services, env);
  };

  describeStoreOutages(runner, {
    name: 'passport-ldapauth',
    upstream: () => ({ host: slapd.host, port: slapd.port }),
    make: ({ host, port }, services) => store(`ldap://${host}:${port}`, services),
    good: { user: 'ann@example.org', password: passwordOf('ann') },
    timeoutMs: 600,
    untrusted: {
      'another authority': (_, services) => store(`ldaps://127.0.0.1:${slapd.tlsPort}`, services, { tlsOptions: {} }),
      'no TLS at all': ({ host, port }, services) => store(`ldaps://${host}:${port}`, services),
    },
  });

  it('is deferred while it is down, and recovers', async () => {
    await slapd.stop();
    expect((await opened.ask({ password: passwordOf('ann') })).kind).toBe('deferred');
    await slapd.restart();
    expect((await opened.ask({ password: passwordOf('ann') })).kind).toBe('accepted');
  });
});
