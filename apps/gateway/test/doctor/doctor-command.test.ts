import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { CertificateAuthority, freePort, ServerRoom } from '@postern/testkit';
import { runCli } from '../../src/cli/run-cli.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { type Run, runIn } from '../support/command-line.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { pluginModule } from '../support/plugin-module.js';
import { RunningGateway } from '../support/running-gateway.js';
import { TestIo } from '../support/test-io.js';
import { says, ScriptedServer } from './support/scripted-server.js';
import { shortly } from './support/visit.js';

const key = 'c4n4ry-key-of-this-config';
const password = 'sesame';
const greetings = { imap: '* OK ready\r\n', pop3: '+OK ready\r\n', smtp: '220 ready\r\n' };

let folder: ConfigFolder;
let closing: (() => Promise<unknown>)[];
let config: Record<string, unknown>;

beforeEach(async () => {
  folder = new ConfigFolder();
  closing = [];
  const backend: Record<string, unknown> = { host: '127.0.0.1' };
  for (const [protocol, greeting] of Object.entries(greetings)) {
    const server = await ScriptedServer.start(says(greeting));
    closing.push(() => server.stop());
    backend[protocol] = server.port;
  }
  config = smallConfig({
    listen: [`unix:${folder.path}/auth.sock`, `127.0.0.1:${await freePort()}`],
    nginx: { key, requireTls: true },
    proxy: { listen: `127.0.0.1:${await freePort()}` },
    operator: { listen: `unix:${folder.path}/operator.sock`, token: 'c4n4ry-token' },
    backends: { 'mail-a': backend, 'mail-b': { ...backend, host: '::ffff:127.0.0.1' } },
  });
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  folder.remove();
});

const started = async (changed: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  folder.write({ ...config, ...changed });
  const gateway = new RunningGateway(folder);
  closing.push(() => gateway.stop());
  await gateway.until(/ready/);
  folder.write(config);
};

const doctor = (words: readonly string[] = [], input = ''): Promise<Run> => runIn(folder, ['doctor', '--timeout', '10s', ...words], input);

const findings = async (
  words: readonly string[] = [],
  input = '',
): Promise<{ readonly code: number; readonly ok: boolean; readonly told: readonly string[] }> => {
  const { code, out } = await doctor([...words, '--json'], input);
  const report = JSON.parse(out) as { ok: boolean; findings: Finding[] };
  return { code, ok: report.ok, told: shortly(report.findings) };
};

const asAnna = ['--user', 'anna@example.org', '--password-stdin'];

describe('postern doctor', () => {
  it('finds all well at a gateway that is, over every door, and as somebody who logs in', async () => {
    await started();
    const { code, out, err } = await doctor(asAnna, password);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toMatch(/problem {2}/);
    for (const door of [/nginx door unix:\S+auth\.sock/, /nginx door 127\.0\.0\.1:\d+/, /Express door 127\.0\.0\.1:\d+/])
      expect(out).toMatch(new RegExp(`ok {7}${door.source}: takes the key of this config and no other; turns the made-up`));
    expect(out).toMatch(/ok {7}anna@example\.org over smtp: is let in and sent to 127\.0\.0\.1 port \d+.*where a mail server greets/);
    expect(out).toContain('ok       config: the running gateway has the plugin list and the backends of this file');
    expect(out).toContain('ok       anna@example.org: people knows "anna@example.org"');
    expect(out).toContain('the running gateway answers as this config does: imap, pop3, smtp');
    expect(out).toMatch(/ok {7}mail-a: 127\.0\.0\.1 greets: imap \d+, pop3 \d+, smtp \d+/);
    expect(out).toContain('postern nginx --lint');
    expect(out).toMatch(/\n\d+ ok, \d+ warnings?, 0 problems, 2 skipped\n$/);
    // No terminal, no colours; and no secret anywhere.
    expect(out).not.toContain('\u001b');
    expect(out).not.toMatch(/sesame|c4n4ry/);
  });

  it('without a user asks only what needs no account', async () => {
    await started();
    const { code, told } = await findings();
    expect(code).toBe(0);
    expect(told).toContain('skipped a real login: nobody to log in with');
    expect(told).toContain('skipped one against another: nobody to ask about');
    expect(told.filter((line) => line.startsWith('ok ')).join('\n')).not.toContain('anna@example.org');
    // Where tries are counted, the whole visit is one.
    expect(new Set(told.join('\n').match(/doctor-[0-9a-f]+@postern\.invalid/g)).size).toBe(1);
  });

  it('with a user and no password says who knows them and where this config sends them', async () => {
    await started();
    const { code, told } = await findings(['--user', 'ben@example.net']);
    expect(code).toBe(0);
    expect(told).toContain('ok ben@example.net: people knows "ben@example.net"');
    expect(told).toContainEqual(
      expect.stringMatching(/^ok ben@example\.net: this config sends them to mail-b at 127\.0\.0\.1: imap \d+, pop3 \d+, smtp \d+$/),
    );
  });

  it('finds a gateway that is not there, and ends with 1', async () => {
    folder.write(config);
    const { code, ok, told } = await findings(asAnna, password);
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(told).toContainEqual(expect.stringMatching(/^problem nginx door unix:.*there is no such socket/));
    expect(told).toContainEqual(expect.stringMatching(/^problem nginx door 127.*nobody listens there/));
    expect(told).toContainEqual(expect.stringMatching(/^problem Express door.*nobody listens there/));
    expect(told).toContainEqual(expect.stringMatching(/^problem unix:\S+operator\.sock: there is no such socket/));
    expect(told).toContain('skipped a real login: no door of the gateway is well');
  });

  it.each([
    ['another key', { key: 'an older key' }, /^problem nginx door \S+: it does not take questions with the key of this config/],
    ['no key', {}, /^problem nginx door \S+: it answers whoever asks, whatever the key/],
  ])('finds a gateway that runs with %s', async (_what, nginx, said) => {
    await started({ nginx });
    const { code, told } = await findings();
    expect(code).toBe(1);
    expect(told.filter((line) => said.test(line))).toHaveLength(2);
  });

  it('finds a gateway that runs with another plugin list, other backends and another token', async () => {
    const plugins = config['plugins'] as readonly object[];
    const backends = config['backends'] as Record<string, object>;
    await started({
      plugins: [...plugins, { use: 'permit', with: { requireTls: true } }],
      backends: { ...backends, 'mail-b': { ...backends['mail-b'], state: 'drain' } },
    });
    expect((await findings()).told).toContain(
      'problem config: the running gateway has another config: it has the instance permit, it lacks the backend mail-b, it has the backend mail-b (drain)',
    );
    folder.write({ ...config, operator: { listen: `unix:${folder.path}/operator.sock`, token: 'another' } });
    expect((await findings()).told).toContainEqual(expect.stringMatching(/^problem unix:\S+: it does not take the token of this config/));
  });

  it('finds a gateway that sends somebody elsewhere than the config on the disk does', async () => {
    await started();
    const [people] = config['plugins'] as readonly object[];
    folder.write({
      ...config,
      backends: { ...(config['backends'] as object), 'mail-c': { host: '127.0.0.2', imap: 10 } },
      plugins: [people, { use: 'domain', with: { routes: { 'example.org': 'mail-c', 'example.com': 'mail-a' }, default: 'mail-b' } }],
    });
    const { code, told } = await findings(asAnna, password);
    expect(code).toBe(1);
    expect(told).toContainEqual(
      expect.stringMatching(
        /^problem anna@example\.org: over imap the running gateway sends them to 127\.0\.0\.1 port \d+ as .*, and this config to 127\.0\.0\.2 port 10/,
      ),
    );
  });

  it('tries a wrong password once, at the gateway alone', async () => {
    const tries: string[] = [];
    Object.assign(globalThis, { triesForDoctor: tries });
    const made = `{
      abilities: { mechanisms: ['plain'], knowsUsers: true },
      verify: async ({ user }) => { globalThis.triesForDoctor.push(user); return { kind: 'rejected' }; },
      lookup: async (user) => ({ kind: 'found', account: { user, attributes: {} } }),
    }`;
    folder.add('strict.mjs', pluginModule({ made }));
    config['plugins'] = [{ use: './strict.mjs', as: 'strict' }, ...(config['plugins'] as readonly object[]).slice(1)];
    await started();
    const { code, told } = await findings(asAnna, 'open, sesame');
    expect(code).toBe(1);
    expect(told.filter((line) => line.includes('is turned away'))).toEqual([
      'problem anna@example.org over imap: is turned away: "[AUTHENTICATIONFAILED] Invalid user name or password"',
    ]);
    expect(tries.filter((user) => user === 'anna@example.org')).toHaveLength(1);
  });

  it('asks an Express door with TLS, and says why it cannot where a client certificate is wanted', async () => {
    const room = await ServerRoom.open();
    closing.push(() => room.close());
    const authority = await CertificateAuthority.create(room);
    const { cert, key: privateKey } = await authority.server();
    const proxy = { ...(config['proxy'] as object), tls: { cert, key: privateKey } };
    config['proxy'] = proxy;
    await started();
    expect((await findings()).told).toContainEqual(
      expect.stringMatching(/^ok Express door \S+: takes the key of this config and no other/),
    );
    folder.write({ ...config, proxy: { ...proxy, tls: { ...proxy.tls, clientCa: authority.cert } } });
    expect((await findings()).told).toContainEqual(expect.stringMatching(/^skipped Express door \S+: it wants a client certificate/));
  });

  it('tells where stores disagree about somebody', async () => {
    const plugins = config['plugins'] as readonly object[];
    const user = (password_: string, enabled: boolean, host: string): object => ({
      password: `{PLAIN}${password_}`,
      enabled,
      attributes: { host },
    });
    const store = (as: string, of: object): object => ({ use: 'static', as, with: { users: { 'dora@example.org': of } } });
    config['plugins'] = [
      store('old', user('x', true, 'mail-a')),
      store('new', user('y', true, 'mail-b')),
      store('third', user('z', false, 'mail-b')),
      ...plugins,
    ];
    folder.write(config);
    const { told } = await findings(['--user', 'dora@example.org']);
    expect(told).toContain(
      'ok dora@example.org: old knows "dora@example.org"; new knows "dora@example.org"; third refuses them (disabled); people does not know them',
    );
    expect(told).toContain('warning dora@example.org: they are let in by old, new and refused by third');
    expect(told).toContain('warning dora@example.org: the attribute "host" is "mail-a" in old and "mail-b" in new');
  });

  it('says who knows nobody, and that nobody does', async () => {
    folder.write(config);
    expect((await findings(['--user', 'nobody@example.org'])).told).toContain('problem nobody@example.org: people does not know them');
  });

  it('names a backend that does not greet, one that greets oddly, and two that are one server', async () => {
    const odd = await ScriptedServer.start(says('HTTP/1.1 400\r\n'));
    closing.push(() => odd.stop());
    const [twin, free] = [(config['backends'] as Record<string, { readonly imap: number }>)['mail-a'], await freePort()];
    config['backends'] = {
      'mail-a': { host: '127.0.0.1', imap: twin?.imap },
      'mail-b': { host: '127.0.0.1', imap: twin?.imap, pop3: odd.port, smtp: free },
    };
    folder.write(config);
    const { told } = await findings();
    expect(told).toContain(`ok mail-a: 127.0.0.1 greets: imap ${twin?.imap}`);
    // 25 and 110 are nobody's choice, but the other config says that they are used.
    expect(told).toContain(`problem mail-b: 127.0.0.1 does not greet: pop3 ${odd.port}: the greeting does not begin with +OK`);
    expect(told).toContain(`problem mail-b: 127.0.0.1 does not greet: smtp ${free}: ECONNREFUSED`);
    expect(told).toContain(`warning mail-a, mail-b: are one and the same server: imap at 127.0.0.1 port ${twin?.imap}`);
  });

  it('repeats what the operator’s page says, without trusting it', async () => {
    const page = {
      status: 'degraded',
      instances: { people: { status: 'degraded', note: 'slow\u001b[2J' }, domain: { status: 'up' } },
      backends: { 'mail-a': { state: 'up', health: { imap: 'down' } }, 'mail-b': { state: 'up' } },
      workers: { wanted: 4, answering: 3 },
      version: '0.0.1',
    };
    const server: Server = createServer((_request, response) => {
      response.setHeader('Date', new Date(Date.now() - 3_600_000).toUTCString());
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(page));
    });
    await new Promise<void>((resolve) => server.listen(`${folder.path}/operator.sock`, resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    folder.write(config);
    const { told } = await findings();
    expect(told).toContainEqual(expect.stringMatching(/^warning unix:\S+: its clock and the one here are 3[56]\d\d s apart/));
    expect(told).toContainEqual(expect.stringMatching(/^warning unix:\S+: \/readyz says degraded/));
    expect(told).toContain('warning people: is degraded: "slow\\u{1b}[2J"');
    expect(told).toContain('warning workers: 3 of 4 answer');
    expect(told).toContainEqual(expect.stringMatching(/^warning unix:\S+: it runs version "0\.0\.1", and this command is \d/));
    expect(told).toContain('problem mail-a: the gateway sees it down for imap');
  });

  it.each([['not JSON'], ['{"status":"ready"}'], ['[]'], ['{"status":"fine","instances":{"a":1}}']])(
    'takes %j for no operator’s page',
    async (body) => {
      const server: Server = createServer((_request, response) => response.end(body));
      await new Promise<void>((resolve) => server.listen(`${folder.path}/operator.sock`, resolve));
      closing.push(() => new Promise((resolve) => server.close(resolve)));
      folder.write(config);
      expect((await findings()).told).toContainEqual(
        expect.stringMatching(/^problem unix:\S+: \/readyz answers 200 and nothing that can be read/),
      );
    },
  );

  it('says what a login through nginx came to, and keeps the password off the wire to other machines', async () => {
    folder.write(config);
    const front = await ScriptedServer.start(says('* OK hi\r\n'));
    closing.push(() => front.stop());
    const { told } = await findings([...asAnna, '--imap', `127.0.0.1:${front.port}`, '--pop3', '192.0.2.1:110'], password);
    expect(told).toContainEqual(
      expect.stringMatching(/^problem imap at 127\.0\.0\.1 port \d+: it closed the connection|reset the connection/),
    );
    expect(told).toContain('problem pop3 at 192.0.2.1 port 110: refused: the password does not go to 192.0.2.1 in clear text');
  });

  it('paints on a terminal only, and not where nobody wants it', async () => {
    folder.write(config);
    const painted = async (isTTY: boolean, env: Record<string, string> = {}, words: readonly string[] = []): Promise<boolean> => {
      const io = new TestIo(folder.path);
      Object.assign(io.stdout, { isTTY });
      Object.assign(io.env, env);
      await runCli(['doctor', ...words], io);
      return io.stdout.text.includes('\u001b[31m');
    };
    expect(await painted(true)).toBe(true);
    expect(await painted(true, { NO_COLOR: '1' })).toBe(false);
    expect(await painted(true, {}, ['--no-color'])).toBe(false);
    expect(await painted(false)).toBe(false);
  });

  it.each<[string, readonly string[], string]>([
    ['a password for nobody', ['--password-stdin'], 'Say whose password it is'],
    ['a client that is no address', ['--client-ip', 'x'], 'is no IP address'],
    ['no duration', ['--timeout', 'soon'], 'is no duration'],
    ['a front without a port', ['--imap', 'mail.example.org'], 'HOST:PORT'],
    ['a config that is not there', ['-c', 'missing.yaml'], 'missing.yaml'],
  ])('%s is wrong usage, and ends with 2', async (_what, words, said) => {
    folder.write(config);
    expect(await doctor(words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) });
  });

  it('ends with 2 and all mistakes where the config is wrong', async () => {
    folder.write({ ...config, plugins: [] });
    expect(await doctor()).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/no-store[\s\S]*no-router/) });
  });
});
