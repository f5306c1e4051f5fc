import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, type KeyPair, ServerRoom } from '@postern/testkit';
import { open, said } from './support.js';
import { answering, ScriptedServer, type Script, type ScriptedServerOptions } from './scripted-server.js';

let room: ServerRoom;
let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let pair: KeyPair;
let server: ScriptedServer | undefined;

beforeAll(async () => {
  room = await ServerRoom.open();
  authority = await CertificateAuthority.create(room);
  stranger = await CertificateAuthority.create(room, 'A stranger');
  pair = await authority.server();
});
afterAll(() => room.close());
afterEach(() => server?.stop());

const plain = answering('SASL-IR AUTH=PLAIN', 'OK');

const ask = async (options: Partial<ScriptedServerOptions>, input: (port: number) => object): Promise<string> => {
  server = await ScriptedServer.start({ script: plain, pair, ...options });
  const { ask: verify, store } = await open(input(server.port) as Record<string, unknown>);
  const answer = await said(verify({ password: 'canary-password' }));
  await store.stop?.(new AbortController().signal);
  return answer;
};

const implicit =
  (host: string, tls: () => object = () => ({ ca: authority.cert })) =>
  (port: number) => ({ server: `imaps://${host}:${port}`, tls: tls() });
const upgraded = (port: number): object => ({ server: `imap://127.0.0.1:${port}`, startTls: true, tls: { ca: authority.cert } });
const offering =
  (after: Script): Script =>
  (line, visit) =>
    line.includes('STARTTLS') ? after(line, visit) : plain(line, visit);
const secrets = /canary|Y2FuYXJ5|AUTHENTICATE|LOGIN /;

describe('imaps', () => {
  it.each(['127.0.0.1', 'localhost'])('trusts a certificate of the own authority for %s', async (host) => {
    expect(await ask({ implicit: true }, implicit(host))).toBe('accepted');
  });

  it.each([
    ['mail.example.org', /^accepted$/],
    ['other.example.org', /^deferred: .*altnames/],
  ])('holds the certificate against the name that `serverName` says: %s', async (serverName, answer) => {
    expect(
      await ask(
        { implicit: true },
        implicit('127.0.0.1', () => ({ ca: authority.cert, serverName })),
      ),
    ).toMatch(answer);
  });

  it.each<[string, () => object, RegExp]>([
    ['of a stranger', () => ({ ca: stranger.cert }), /^deferred: .*(self-signed|unable to verify|unable to get)/],
    ['that no system knows', () => ({}), /^deferred: .*(self-signed|unable to verify|unable to get)/],
  ])('says nothing to a server with a certificate %s', async (_, tls, message) => {
    expect(await ask({ implicit: true }, implicit('127.0.0.1', tls))).toMatch(message);
    expect(server?.heard).not.toMatch(secrets);
  });

  it('says nothing to a server without TLS', async () => {
    expect(await ask({}, implicit('127.0.0.1'))).toMatch(/^deferred/);
    expect(server?.heard).not.toMatch(secrets);
  });

  it('goes with a PROXY header before the TLS', async () => {
    const input = (port: number): object => ({ ...implicit('127.0.0.1')(port), proxyProtocol: true });
    expect(await ask({ implicit: true, expectsProxy: true }, input)).toBe('accepted');
    expect(server?.lines[0]).toMatch(/^PROXY TCP4 192\.0\.2\.7 /);
  });
});

describe('STARTTLS', () => {
  it('encrypts before anything is said of the user, and asks for the capabilities again', async () => {
    const before: string[] = [];
    const script: Script = (line, visit) => {
      if (!line.includes('STARTTLS')) return plain(line, visit);
      before.push(server?.heard ?? '');
      visit.encrypt(`${line.split(' ')[0] ?? ''} OK go on\r\n`);
    };
    expect(await ask({ script, greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready' }, upgraded)).toBe('accepted');
    expect(before).toEqual(['P1 STARTTLS\r\n']);
    expect(server?.lines.slice(1, 3)).toEqual(['P2 CAPABILITY', expect.stringMatching(/^P3 AUTHENTICATE PLAIN /)]);
  });

  it.each<[string, Script]>([
    ['refuses', (line, visit) => visit.say(`${line.split(' ')[0] ?? ''} NO not here`)],
    ['does not know it', (line, visit) => visit.say(`${line.split(' ')[0] ?? ''} BAD what`)],
    ['says OK and goes on in clear', (line, visit) => visit.say(`${line.split(' ')[0] ?? ''} OK go on`)],
    ['hangs up', (_, visit) => visit.drop()],
  ])('a server that %s learns nothing', async (_, after) => {
    expect(await ask({ script: offering(after) }, upgraded)).toMatch(/^deferred/);
    expect(server?.heard).not.toMatch(secrets);
  });

  it('what is slipped in with the greeting is not taken for the answer to a command', async () => {
    const guesses = [1, 2, 3].flatMap((tag) => [`P${tag} OK go on`, `P${tag} NO`]).join('\r\n');
    const script: Script = () => undefined;
    expect(await ask({ script, greeting: `* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n${guesses}` }, upgraded)).toBe(
      'deferred: ServerTrouble: the server answers what was not asked',
    );
    expect(server?.heard).not.toMatch(secrets);
  });

  it('what is slipped in before the TLS is not taken for the server’s word', async () => {
    const script = offering((line, visit) =>
      visit.encrypt(`${line.split(' ')[0] ?? ''} OK go on\r\n* CAPABILITY LOGINDISABLED\r\nP2 OK\r\n`),
    );
    expect(await ask({ script }, upgraded)).toBe('deferred: Error: the server said something between STARTTLS and TLS');
    expect(server?.heard).not.toMatch(secrets);
  });

  it('a server that calls somebody logged in already never comes to it', async () => {
    expect(await ask({ greeting: '* PREAUTH welcome' }, upgraded)).toContain('cannot judge a password');
  });
});

describe('server: route', () => {
  it.each([
    ['mail.example.org', /^accepted$/],
    ['other.example.org', /^deferred: .*altnames/],
  ])('holds the certificate against the backend’s name and not its address: %s', async (host, answer) => {
    server = await ScriptedServer.start({
      script: offering((line, visit) => visit.encrypt(`${line.split(' ')[0] ?? ''} OK go on\r\n`)),
      pair,
    });
    const { port } = server;
    const { ask: verify, services, store } = await open({ server: 'route', startTls: true, tls: { ca: authority.cert } });
    services.routes.answer = () => ({ kind: 'found', backend: 'mail-a', host, address: '127.0.0.1', port });
    expect(await said(verify({ password: 'canary-password' }))).toMatch(answer);
    await store.stop?.(new AbortController().signal);
  });
});
