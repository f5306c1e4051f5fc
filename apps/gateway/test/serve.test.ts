import 'reflect-metadata';
import { existsSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Plugin } from '@postern/contract';
import { answers, fakeStore, hangs, throws, waits } from '@postern/testkit';
import { z } from 'zod';
import { override, tokens, type Override } from '../src/compose.js';
import { bundledPlugins } from '../src/plugins.js';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { RunningGateway } from './support/running-gateway.js';
import { RunningGateways } from './support/running-gateways.js';

let folder: ConfigFolder;
let gateways: RunningGateways;

beforeEach(() => {
  folder = new ConfigFolder();
  gateways = new RunningGateways(folder);
});

afterEach(async () => {
  await gateways.stopAll();
  folder.remove();
});

const start = (env: Readonly<Record<string, string>> = {}, overrides: readonly Override[] = []): Promise<RunningGateway> =>
  gateways.start(env, overrides);

/** Stops before the folder goes, and checks how it ended. */
const ended = (gateway: RunningGateway): Promise<number> => gateways.stop(gateway);

/** The bundled plugins and one more store called `fake`. */
const withStore = (store: ReturnType<typeof fakeStore>): Override => {
  const fake: Plugin = { apiVersion: 1, role: 'credential-store', use: 'fake', config: z.strictObject({}), create: () => store };
  return override(tokens.plugins, {
    bundled: new Map([...bundledPlugins, ['fake', fake]]),
    load: () => Promise.reject(new Error('not here')),
  });
};

const fakeFirst = (changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  smallConfig({ plugins: [{ use: 'fake', with: {} }, ...(smallConfig()['plugins'] as unknown[])], ...changed });

describe('serve', () => {
  it('says in one line where it listens, then answers', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    expect(gateway.io.stdout.lines.filter((line) => line.startsWith('postern is ready'))).toEqual([
      expect.stringMatching(/^postern is ready: nginx on 127\.0\.0\.1:\d+, operator on 127\.0\.0\.1:\d+$/),
    ]);
    const reply = await ask(gateway.door('nginx'));
    expect(header(reply, 'Auth-Status')).toBe('OK');
    expect(header(reply, 'Auth-Server')).toBe('127.0.0.1');
    expect(header(reply, 'Auth-Port')).toBe('10143');
    expect(header(await ask(gateway.door('nginx'), { password: 'wrong' }), 'Auth-Status')).toMatch(/^\[AUTHENTICATIONFAILED\]/);
    expect(gateway.io.stdout.records.filter(({ msg }) => msg === 'login')).toMatchObject([{ outcome: 'placed' }, { outcome: 'rejected' }]);
    expect(await ended(gateway)).toBe(0);
  });

  it('tells all mistakes of the config together, ends with 2 and opens nothing', async () => {
    folder.write({ ...smallConfig({ listn: 1 }), log: { level: 'loud' } });
    const gateway = new RunningGateway(folder);
    expect(await gateway.ended).toBe(2);
    expect(gateway.io.stderr.text).toContain('unknown-key');
    expect(gateway.io.stderr.text).toContain('bad-value');
    expect(gateway.io.stdout.text).toBe('');
  });

  it('says in one sentence that a port is taken, and ends with 2', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    folder.write(smallConfig({ operator: { listen: `127.0.0.1:${port}` } }));
    const gateway = new RunningGateway(folder);
    expect(await gateway.ended).toBe(2);
    expect(gateway.io.stderr.lines).toEqual([
      `postern: cannot listen on 127.0.0.1:${port}: another process listens there (EADDRINUSE). Stop the other process or choose another address.`,
    ]);
    holder.close();
  });

  it('rule 01: listens on a unix socket that its group may use, and removes it at the end', async () => {
    const path = `${folder.path}/auth.sock`;
    folder.write(smallConfig({ listen: `unix:${path}` }));
    const gateway = await start();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(header(await ask(`unix:${path}`), 'Auth-Status')).toBe('OK');
    expect(await ended(gateway)).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('does not take a unix socket from a gateway that is alive', async () => {
    const path = `${folder.path}/auth.sock`;
    folder.write(smallConfig({ listen: `unix:${path}` }));
    const first = await start();
    const second = new RunningGateway(folder);
    expect(await second.ended).toBe(2);
    expect(second.io.stderr.text).toContain('another process listens there');
    expect(header(await ask(`unix:${path}`), 'Auth-Status')).toBe('OK');
    await ended(first);
  });

  it('rule 70: health and metrics have a socket of their own and never count as logins', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    const operator = `http://${gateway.door('operator')}`;
    expect((await fetch(`${operator}/livez`)).status).toBe(200);
    const ready = await fetch(`${operator}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', instances: { people: { status: 'up' }, domain: { status: 'up' } } });
    const before = await (await fetch(`${operator}/metrics`)).text();
    expect(before).not.toMatch(/^postern_attempts_total\{/m);
    await ask(gateway.door('nginx'));
    const after = await (await fetch(`${operator}/metrics`)).text();
    expect(after).toContain('postern_attempts_total{protocol="imap",mechanism="plain",outcome="placed"} 1');
    expect(await ask(gateway.door('nginx')).then((reply) => reply.split('\r\n')[0])).toBe('HTTP/1.0 200 OK');
    for (const path of ['livez', 'readyz', 'metrics']) {
      const { port } = new URL(`http://${gateway.door('nginx')}`);
      expect(await raw(Number(port), `GET /${path} HTTP/1.0\r\n\r\n`)).toMatch(/^Auth-Status: (?!OK\r)/m);
    }
  });

  it('answers at the proxy door as at the nginx door', async () => {
    folder.write(smallConfig({ proxy: { listen: '127.0.0.1:0' } }));
    const gateway = await start();
    const headers = {
      'Auth-Method': 'plain',
      'Auth-User': 'anna@example.org',
      'Auth-Protocol': 'imap',
      'Auth-Login-Attempt': '1',
      'Client-IP': '192.0.2.7',
    };
    const asked = (password: string): Promise<Response> =>
      fetch(`http://${gateway.door('proxy')}/auth`, { headers: { ...headers, 'Auth-Pass': password } });
    expect((await asked('sesame')).headers.get('auth-status')).toBe('OK');
    expect((await asked('wrong')).headers.get('auth-status')).toMatch(/^\[AUTHENTICATIONFAILED\]/);
    expect(gateway.io.stdout.records.filter(({ msg }) => msg === 'login')).toMatchObject([{ door: 'express' }, { door: 'express' }]);
  });

  it('says in one sentence that a certificate cannot be used, at the start and on reload', async () => {
    const [cert, key] = [folder.add('a.crt', 'no certificate'), folder.add('a.key', 'no key')];
    const broken = smallConfig({ proxy: { listen: '127.0.0.1:0', tls: { cert, key } } });
    folder.write(broken);
    const failed = new RunningGateway(folder);
    expect(await failed.ended).toBe(2);
    expect(failed.io.stderr.lines).toEqual([expect.stringMatching(/^postern: the TLS certificate and key cannot be used/)]);
    folder.write(smallConfig());
    const gateway = await start();
    folder.write(broken);
    gateway.io.signal('SIGHUP');
    await gateway.until(/not reloaded/);
    expect(gateway.io.stdout.text).toContain('the TLS certificate and key cannot be used');
  });

  it('demands the operator’s token off loopback', async () => {
    folder.write(smallConfig({ operator: { listen: '0.0.0.0:0', token: { env: 'TOKEN' } } }));
    const gateway = await start({ TOKEN: 's3same' });
    const operator = `http://127.0.0.1:${String(gateway.door('operator').split(':').at(-1))}`;
    expect((await fetch(`${operator}/metrics`)).status).toBe(401);
    expect((await fetch(`${operator}/metrics`, { headers: { authorization: 'Bearer s3same' } })).status).toBe(200);
  });

  it('rule 58: a plugin that throws is deferred, logged with its name, and the process goes on', async () => {
    folder.write(fakeFirst());
    const gateway = await start({}, [withStore(fakeStore(throws(new Error('kaput')), { knowsUsers: false }))]);
    expect(header(await ask(gateway.door('nginx'), { user: 'nobody@example.com' }), 'Auth-Status')).toMatch(/^\[UNAVAILABLE\]/);
    expect(gateway.io.stdout.text).toContain('kaput');
    expect(gateway.io.stdout.text).toMatch(/"(?:instance|store)":"fake"/);
    expect(header(await ask(gateway.door('nginx')), 'Auth-Status')).toBe('OK');
    gateway.io.signal('unhandledRejection', new Error('a promise of a plugin'));
    gateway.io.signal('uncaughtException', new Error('a timer of a plugin'));
    expect(gateway.io.stdout.text).toContain('a timer of a plugin');
    expect(header(await ask(gateway.door('nginx')), 'Auth-Status')).toBe('OK');
  });

  it('rule 56: a plugin that hangs does not hold an answer beyond the deadline', async () => {
    folder.write(fakeFirst({ nginx: { deadline: '200ms' } }));
    const gateway = await start({}, [withStore(fakeStore(hangs, { knowsUsers: false }))]);
    const reply = await ask(gateway.door('nginx'), { user: 'nobody@example.com' });
    expect(header(reply, 'Auth-Status')).toMatch(/^\[UNAVAILABLE\]/);
  });

  it('rule 69: SIGTERM stops accepting, answers what is in flight and ends with 0', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const store = fakeStore(waits(gate, answers({ kind: 'accepted', account: { user: 'anna@example.org', attributes: {} } })));
    folder.write(fakeFirst());
    const gateway = await start({}, [withStore(store)]);
    const door = gateway.door('nginx');
    const operator = gateway.door('operator');
    const inFlight = ask(door);
    while (store.asked.length === 0) await setTimeout(2);
    gateway.io.signal('SIGTERM');
    await gateway.until(/no new logins/);
    await expect(ask(door)).rejects.toThrow('ECONNREFUSED');
    expect((await fetch(`http://${operator}/readyz`)).status).toBe(503);
    release();
    expect(header(await inFlight, 'Auth-Status')).toBe('OK');
    expect(await gateway.ended).toBe(0);
    await expect(fetch(`http://${operator}/livez`)).rejects.toThrow();
  });

  it('rule 69: a peer that says nothing does not hold up the end', async () => {
    folder.write(smallConfig({ nginx: { deadline: '59s' } }));
    const gateway = await start();
    const silent = connect(Number(gateway.door('nginx').split(':').at(-1)), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    expect(await ended(gateway)).toBe(0);
    silent.destroy();
  });

  it('hears a second signal no more: the system then ends it the hard way', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    const stopping = ended(gateway);
    expect(gateway.io.signals.listenerCount('SIGTERM')).toBe(0);
    expect(gateway.io.signals.listenerCount('SIGINT')).toBe(0);
    await stopping;
    expect(gateway.io.signals.eventNames()).toEqual([]);
  });
});

describe('reload', () => {
  it('takes a new plugin list over without closing the door', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    const door = gateway.door('nginx');
    expect(header(await ask(door), 'Auth-Port')).toBe('10143');
    folder.write(
      smallConfig({
        plugins: [(smallConfig()['plugins'] as unknown[])[0], { use: 'hash', with: { over: ['mail-b'] } }],
        backends: { 'mail-b': { host: '127.0.0.2', imap: 20_143 } },
      }),
    );
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"/);
    expect(header(await ask(door), 'Auth-Port')).toBe('20143');
  });

  it('keeps the old config when the new one is wrong, and says everything that is', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    folder.write({ ...smallConfig({ listn: 1 }), log: { level: 'loud' } });
    gateway.io.signal('SIGHUP');
    await gateway.until(/not reloaded: the old config goes on serving/);
    const codes = gateway.io.stdout.records.filter(({ level }) => level === 'error').map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['unknown-key', 'bad-value']));
    expect(header(await ask(gateway.door('nginx')), 'Auth-Status')).toBe('OK');
  });

  it('opens new addresses, closes old ones and keeps the rest open', async () => {
    const [one, two] = [`${folder.path}/one.sock`, `${folder.path}/two.sock`];
    folder.write(smallConfig({ listen: [`unix:${one}`, '127.0.0.1:0'] }));
    const gateway = await start();
    const door = gateway.door('nginx');
    folder.write(smallConfig({ listen: ['127.0.0.1:0', `unix:${two}`] }));
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"/);
    expect(header(await ask(door), 'Auth-Status')).toBe('OK');
    expect(header(await ask(`unix:${two}`), 'Auth-Status')).toBe('OK');
    await expect(ask(`unix:${one}`)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });

  it('keeps everything when a new address cannot be had', async () => {
    const holder: Server = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const fresh = `${folder.path}/fresh.sock`;
    folder.write(smallConfig());
    const gateway = await start();
    folder.write(
      smallConfig({
        listen: [`unix:${fresh}`, `127.0.0.1:${port}`],
        plugins: [
          { use: 'static', with: { users: {} } },
          { use: 'hash', with: { over: ['mail-a', 'mail-b'] } },
        ],
      }),
    );
    gateway.io.signal('SIGHUP');
    await gateway.until(/not reloaded/);
    expect(gateway.io.stdout.records).toContainEqual(expect.objectContaining({ code: 'door-failed', level: 'error' }));
    expect(header(await ask(gateway.door('nginx')), 'Auth-Status')).toBe('OK');
    expect(existsSync(fresh)).toBe(false);
    holder.close();
  });

  it('takes over keys, peers, the token and the log level', async () => {
    folder.write(smallConfig({ operator: { listen: '127.0.0.1:0', token: 'first-token' } }));
    const gateway = await start();
    const [door, operator] = [gateway.door('nginx'), `http://${gateway.door('operator')}`];
    expect(header(await ask(door), 'Auth-Status')).toBe('OK');
    folder.write(
      smallConfig({ nginx: { key: 'k3y' }, operator: { listen: '127.0.0.1:0', token: 'second-token' }, log: { level: 'debug' } }),
    );
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"/);
    expect(header(await ask(door), 'Auth-Status')).toMatch(/^\[UNAVAILABLE\]/);
    expect(header(await ask(door, { key: 'k3y' }), 'Auth-Status')).toBe('OK');
    expect((await fetch(`${operator}/metrics`, { headers: { authorization: 'Bearer first-token' } })).status).toBe(401);
    expect((await fetch(`${operator}/metrics`, { headers: { authorization: 'Bearer second-token' } })).status).toBe(200);
    folder.write(smallConfig({ nginx: { key: 'k3y', allow: ['192.0.2.0/24'] } }));
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"[^]*"msg":"reloaded"/);
    expect(header(await ask(door, { key: 'k3y' }), 'Auth-Status')).not.toBe('OK');
    folder.write(smallConfig({ log: { level: 'silent' } }));
    gateway.io.signal('SIGHUP');
    while (header(await ask(door), 'Auth-Status') !== 'OK') await setTimeout(5);
    const { length } = gateway.io.stdout.text;
    await ask(door);
    expect(gateway.io.stdout.text.slice(length)).toBe('');
  });

  it('opens no door of a config whose files for Redis cannot be read, and says so at the start, too', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    const socket = folder.add('sockets/.keep', '').replace('.keep', 'a.sock');
    const redis = { url: 'redis://127.0.0.1:1', tls: { ca: folder.path } };
    folder.write(smallConfig({ listen: `unix:${socket}`, redis }));
    gateway.io.signal('SIGHUP');
    await gateway.until(/not reloaded/);
    expect(gateway.io.stdout.text).toMatch(/redis\.tls\.ca[^\n]* is a folder/);
    expect(existsSync(socket)).toBe(false);
    const second = new RunningGateway(folder);
    expect(await second.ended).toBe(2);
    expect(second.io.stderr.text).toContain('is a folder');
  });

  it('counts on: a reload resets no metric', async () => {
    folder.write(smallConfig());
    const gateway = await start();
    await ask(gateway.door('nginx'));
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"/);
    await ask(gateway.door('nginx'));
    const text = await (await fetch(`http://${gateway.door('operator')}/metrics`)).text();
    expect(text).toContain('postern_attempts_total{protocol="imap",mechanism="plain",outcome="placed"} 2');
  });
});

const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    socket.on('data', (chunk: Buffer) => (reply += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(reply));
    socket.write(bytes);
  });
