import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, describeWithServers, ServerRoom, type Slapd, slapdManager, slapdSuffix, startSlapd } from '@postern/testkit';
import { open, type Opened } from './support.js';

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

describeWithServers({ describe, it }, 'passport-ldapauth at a real slapd', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let opened: Opened;

  beforeAll(async () => {
    room = await ServerRoom.open();
    const authority = await CertificateAuthority.create(room);
    slapd = await startSlapd(room, { name: 'passport', ldif, tls: await authority.server() });
    const server = {
      url: `ldaps://127.0.0.1:${slapd.tlsPort}`,
      bindDN: slapdManager.dn,
      bindCredentials: { env: 'MANAGER' },
      searchBase: people,
      searchFilter: '(mail={{username}})',
      tlsOptions: { ca: [{ file: authority.cert }] },
    };
    opened = await open({ strategy: 'passport-ldapauth', options: { server } }, { MANAGER: slapdManager.password });
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

  it('is deferred while it is down, and recovers', async () => {
    await slapd.stop();
    expect((await opened.ask({ password: passwordOf('ann') })).kind).toBe('deferred');
    await slapd.restart();
    expect((await opened.ask({ password: passwordOf('ann') })).kind).toBe('accepted');
  });
});
