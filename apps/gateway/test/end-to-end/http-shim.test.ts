import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  describeWithServers,
  FaultyProxy,
  freePort,
  requireProgram,
  ServerProcess,
  type KeyPair,
  type ServerRoom,
} from '@postern/testkit';
import { httpShim } from '../../src/cli/nginx-shim.js';
import { ann, bob, ursula, wrong, type Person } from './setup/people.js';
import type { PythonJob } from './setup/python-client.js';
import { Stage } from './setup/stage.js';

interface DoorPlace {
  readonly port: number;
  readonly authority: CertificateAuthority;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

const doorPlace = async (room: ServerRoom): Promise<DoorPlace> => {
  const authority = await CertificateAuthority.create(room, 'door authority');
  const [server, client] = await Promise.all([authority.server(), authority.client({ commonName: 'shim' })]);
  return { port: await freePort(), authority, server, client };
};

/** The block as `postern nginx` prints it, with what a person must fill in. `gateways`: several addresses, the last of which listens. */
const shimConfig = (folder: string, port: number, gateways: readonly string[], { authority, client }: DoorPlace): string => {
  const printed = httpShim({ address: 'THE-GATEWAY', tls: true });
  const block = printed.slice(printed.indexOf('http {')).join('\n');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const filled = block
    .replace('http {', `http {\n${temporary.join('\n')}`)
    .replace(/^.*server THE-GATEWAY;.*$/m, gateways.map((gateway) => `server ${gateway};`).join('\n'))
    .replace('listen 127.0.0.1:9143;', `listen 127.0.0.1:${port};`)
    .replace('gateway.example.org', 'mail.example.org')
    .replace('/etc/nginx/tls/gateway-ca.crt', authority.cert)
    .replace(/# and proxy_ssl_certificate .*$/m, `proxy_ssl_certificate ${client.cert};\nproxy_ssl_certificate_key ${client.key};`);
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;\nworker_processes 1;\npid ${folder}/nginx.pid;\nerror_log stderr info;\nevents { }\n${filled}\n`;
};

const startShim = async (room: ServerRoom, port: number, gateways: readonly string[], place: DoorPlace): Promise<ServerProcess> => {
  const file = await room.write('shim/nginx.conf', shimConfig(room.path('shim'), port, gateways, place));
  const args = ['-e', 'stderr', '-p', room.path('shim'), '-c', file];
  const shim = ServerProcess.start(room, { name: 'shim', command: requireProgram('nginx'), args });
  await shim.untilAccepts({ host: '127.0.0.1', port });
  return shim;
};

describeWithServers({ describe, it }, 'nginx mail, a loopback nginx http{} shim, and the Express door over TLS', () => {
  let stage: Stage;
  let place: DoorPlace;
  let way: FaultyProxy;

  beforeAll(async () => {
    const port = await freePort();
    stage = await Stage.open({
      before: async (room) => void (place = await doorPlace(room)),
      config: (usual) => {
        const { server, authority } = place;
        const tls = { cert: server.cert, key: server.key, clientCa: authority.cert };
        return { ...usual, proxy: { listen: `127.0.0.1:${place.port}`, tls } };
      },
      listeners: () => (['imap', 'pop3', 'smtp'] as const).map((protocol) => ({ protocol, authHttp: { host: '127.0.0.1', port } })),
    });
    const { room } = stage.servers;
    way = await FaultyProxy.start(room, { host: '127.0.0.1', port: place.port });
    // Nobody listens on the first: nginx passes the question to the next.
    await startShim(room, port, [`127.0.0.1:${await freePort()}`, `127.0.0.1:${way.port}`], place);
  }, 60_000);

  afterAll(() => stage.close());

  const logIn = async (protocol: PythonJob['protocol'], person: Person) =>
    stage.python.logIn({
      ...{ protocol, tls: 'none' as const, ca: stage.servers.authority.cert, ...stage.endpoint(protocol) },
      attempts: [{ mechanism: protocol === 'pop3' ? 'USER/PASS' : 'PLAIN', ...person }],
    });

  it.each(['imap', 'pop3', 'smtp'] as const)(
    '%s: lets people in, each to their own backend, and nobody with a wrong password',
    async (protocol) => {
      const [one, other, denied] = await Promise.all([ann, bob, wrong(ann)].map((person) => logIn(protocol, person)));
      expect(one).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-a') });
      expect(other).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
      expect(denied).toMatchObject({ attempts: [{ ok: false }], mailbox: null });
      expect(denied?.attempts[0]?.said).toMatch(/\[AUTHENTICATIONFAILED\]|\[AUTH\]|5\.7\.8/);
    },
  );

  it('mangles no password', async () => {
    expect(await logIn('imap', ursula)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
  });

  it('asks one question after another on the connections that it keeps', async () => {
    const before = way.taken;
    for (let count = 0; count < 5; count++) expect(await logIn('imap', ann)).toMatchObject({ attempts: [{ ok: true }] });
    expect(way.taken - before).toBeLessThanOrEqual(1);
    expect(way.open).toBeGreaterThan(0);
  });

  it('answers on a new connection when those that were kept are gone', async () => {
    way.dropAll();
    expect(await logIn('imap', bob)).toMatchObject({ attempts: [{ ok: true }], mailbox: expect.stringContaining('mail-b') });
  });

  it('calls it no wrong password when no gateway can be reached', async () => {
    await way.become({ kind: 'refuse' });
    const [answer] = await Promise.allSettled([logIn('imap', ann)]);
    expect(JSON.stringify(answer)).not.toMatch(/AUTHENTICATIONFAILED|"ok":true/);
    await way.become({ kind: 'pass' });
  });

  it('rule 67: the log held no secret in all of this', () => {
    expect(stage.gateway.output()).toMatch(/"door":"express"/);
    expect(stage.leaks()).toEqual([]);
  });
});
