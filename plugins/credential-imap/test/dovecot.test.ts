import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  describeCredentialStore,
  describeStoreOutages,
  describeWithServers,
  type Dovecot,
  freePort,
  ServerRoom,
  startDovecot,
} from '@postern/testkit';
import { make, open, said } from './support.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const ann = { user: 'ann@example.org', password: 'Right-password-of-Ann' };
const odd = { user: 'odd@example.org', password: 'pä"ss\\w{3}örd %x' };
const many = Array.from({ length: 50 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-${index}-of-many` }));
const users = [ann, odd, ...many].map(({ user, password }) => ({ name: user, password }));

describeWithServers({ describe, it }, 'against real Dovecots', () => {
  let room: ServerRoom;
  let authority: CertificateAuthority;
  let north: Dovecot;
  let south: Dovecot;
  let imaps = 0;
  let proxied = 0;

  beforeAll(async () => {
    room = await ServerRoom.open();
    authority = await CertificateAuthority.create(room);
    const pair = await authority.server();
    [imaps, proxied] = [await freePort(), await freePort()];
    const listener = (name: string, port: number, line: string): string => `inet_listener ${name} {\nport = ${port}\n${line}\n}`;
    north = await startDovecot(room, { name: 'north', protocols: ['imap'], users });
    south = await startDovecot(room, {
      name: 'south',
      protocols: ['imap'],
      users,
      lines: [
        'ssl = yes',
        `ssl_cert = <${pair.cert}`,
        `ssl_key = <${pair.key}`,
        'haproxy_trusted_networks = 127.0.0.0/8',
        `service imap-login {\n${listener('imaps-south', imaps, 'ssl = yes')}\n${listener('imap-proxied', proxied, 'haproxy = yes')}\n}`,
      ],
    });
  });
  afterAll(() => room.close());

  const dead = 'imap://127.0.0.1:1';

  describeCredentialStore(runner, {
    name: 'imap',
    make: (services) => make({ server: `imap://127.0.0.1:${north.ports.imap}`, timeout: '20s', concurrency: 20 }, services),
    known: ann,
    unknown: 'nobody@example.org',
    many,
    hanging: (services) => make({ server: `imap://127.0.0.1:${north.ports.imap}` }, services),
    outages: { 'that refuses connections': (services) => make({ server: dead }, services) },
    skip: {
      disabled: 'the server does not tell',
      lookup: 'the server is asked with a password or not at all',
      'failing-start': 'its start opens nothing; a server that is out is in its health',
    },
  });

  describeStoreOutages(runner, {
    name: 'imap',
    upstream: () => ({ port: north.ports.imap }),
    make: ({ port }, services) => make({ server: `imap://127.0.0.1:${port}`, timeout: '500ms' }, services),
    good: ann,
    timeoutMs: 600,
    untrusted: {
      'no TLS at all': ({ port }, services) =>
        make({ server: `imaps://127.0.0.1:${port}`, tls: { ca: authority.cert }, timeout: '500ms' }, services),
      'no STARTTLS': ({ port }, services) =>
        make({ server: `imap://127.0.0.1:${port}`, startTls: true, tls: { ca: authority.cert }, timeout: '500ms' }, services),
    },
  });

  const asked = async (input: Readonly<Record<string, unknown>>, login: object): Promise<string> => {
    const { ask, store } = await open({ timeout: '20s', ...input });
    const answer = await said(ask(login));
    await store.stop?.(new AbortController().signal);
    return answer;
  };

  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['in clear', () => ({ server: `imap://127.0.0.1:${south.ports.imap}` })],
    ['by STARTTLS', () => ({ server: `imap://localhost:${south.ports.imap}`, startTls: true, tls: { ca: authority.cert } })],
    ['by imaps', () => ({ server: `imaps://127.0.0.1:${imaps}`, tls: { ca: authority.cert, minVersion: 'TLSv1.3' } })],
    ['behind a PROXY header', () => ({ server: `imap://127.0.0.1:${proxied}`, proxyProtocol: true })],
  ])('a password with every kind of character is right, and a wrong one wrong, %s', async (_, input) => {
    expect(await asked(input(), odd)).toBe('accepted');
    expect(await asked(input(), { ...odd, password: `${odd.password}x` })).toBe('rejected');
    expect(await asked(input(), { user: 'nobody@example.org', password: 'x' })).toBe('rejected');
  });

  it('sees the client’s own address by ID and by the PROXY header', async () => {
    const rip = async (ip: string, input: Readonly<Record<string, unknown>>, dovecot: Dovecot): Promise<boolean> => {
      await asked(input, { ...ann, client: { ip } });
      for (let time = 0; time < 200 && !dovecot.output().includes(`rip=${ip},`); time += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return dovecot.output().includes(`rip=${ip},`);
    };
    expect(await rip('192.0.2.41', { server: `imap://127.0.0.1:${north.ports.imap}` }, north)).toBe(true);
    expect(await rip('2001:db8::42', { server: `imap://127.0.0.1:${north.ports.imap}` }, north)).toBe(true);
    expect(await rip('198.51.100.43', { server: `imap://127.0.0.1:${proxied}`, proxyProtocol: true }, south)).toBe(true);
    expect(await rip('2001:db8::44', { server: `imap://127.0.0.1:${proxied}`, proxyProtocol: true }, south)).toBe(true);
  });

  it('a Dovecot that is stopped in the middle of its life defers, and recovers when it is back', async () => {
    const { ask, store } = await open({ server: `imap://127.0.0.1:${south.ports.imap}`, timeout: '20s' });
    expect(await said(ask(ann))).toBe('accepted');
    await south.stop();
    expect(await said(ask(ann))).toMatch(/^deferred/);
    await south.restart();
    expect(await said(ask(ann))).toBe('accepted');
    await store.stop?.(new AbortController().signal);
  });
});
