import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListenAddress } from '@postern/kernel';
import { CapturedLog } from '@postern/testkit';
import { DoorError } from '../../src/doors/door-error.js';
import { Listener } from '../../src/doors/listener.js';
import { Listeners } from '../../src/doors/listeners.js';

describe('listening', () => {
  const log = new CapturedLog();
  const open: Listener[] = [];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-listen-'));
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    rmSync(folder, { recursive: true });
  });

  const listener = (address: ListenAddress, socketMode?: number, server: Server = createServer()): Listener => {
    const one = new Listener(server, address, { log, ...(socketMode === undefined ? {} : { socketMode }) });
    open.push(one);
    return one;
  };

  const failure = async (address: ListenAddress): Promise<DoorError> => {
    const error: unknown = await listener(address)
      .open()
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DoorError);
    return error as DoorError;
  };

  const unix = (name: string): ListenAddress & { readonly path: string } => ({ kind: 'unix', path: join(folder, name) });

  /** The file of a unix socket whose process died without cleaning up. */
  const leaveStale = (path: string): void => {
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(lstatSync(path).isSocket()).toBe(true);
  };

  it('says the real port where any was asked for', async () => {
    const one = listener({ kind: 'tcp', host: '127.0.0.1', port: 0 });
    await one.open();
    expect(one.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  });

  it('says in one sentence that a port is in use', async () => {
    const first = createServer();
    await listener({ kind: 'tcp', host: '127.0.0.1', port: 0 }, undefined, first).open();
    const { port } = first.address() as { port: number };
    const error = await failure({ kind: 'tcp', host: '127.0.0.1', port });
    expect(error).toMatchObject({
      code: 'in-use',
      message: `cannot listen on 127.0.0.1:${port}: another process listens there (EADDRINUSE)`,
    });
    expect(error.hint).not.toBe('');
  });

  it('says that an address is not of this machine', async () => {
    expect(await failure({ kind: 'tcp', host: '192.0.2.77', port: 0 })).toMatchObject({ code: 'bad-address' });
  });

  it('says that a folder is not there', async () => {
    expect(await failure(unix('missing/auth.sock'))).toMatchObject({
      code: 'bad-path',
      message: expect.stringContaining('missing is not there'),
    });
  });

  it('opens all its addresses or none', async () => {
    const addresses = [unix('a.sock'), unix('missing/b.sock')];
    const both = new Listeners(addresses, () => createServer(), { log });
    await expect(both.open()).rejects.toBeInstanceOf(DoorError);
    expect(existsSync(addresses[0]!.path)).toBe(false);
  });

  it('replaces a socket whose process has died', async () => {
    const address = unix('stale.sock');
    leaveStale(address.path);
    const server = createServer((socket) => socket.end('here'));
    await listener(address, undefined, server).open();
    expect(server.listening).toBe(true);
  });

  it('leaves the socket of a living process alone', async () => {
    const address = unix('living.sock');
    await listener(address).open();
    expect(await failure(address)).toMatchObject({
      code: 'in-use',
      message: `cannot listen on unix:${address.path}: another process listens there`,
    });
    expect(existsSync(address.path)).toBe(true);
  });

  it.each(['a file', 'a folder'])('never removes %s that is in the way', async (what) => {
    const address = unix('precious');
    if (what === 'a file') writeFileSync(address.path, 'mail');
    else mkdirSync(address.path);
    expect(await failure(address)).toMatchObject({ code: 'bad-path' });
    expect(existsSync(address.path)).toBe(true);
  });

  it.each([0o600, 0o660, 0o666])('gives a socket the mode %o, whatever the umask', async (mode) => {
    const before = process.umask(0o077);
    const address = unix(`${mode}.sock`);
    await listener(address, mode).open();
    expect(process.umask(before)).toBe(0o077);
    expect(statSync(address.path).mode & 0o777).toBe(mode);
  });

  it('lets owner and group in unless told otherwise', async () => {
    const address = unix('default.sock');
    await listener(address).open();
    expect(statSync(address.path).mode & 0o777).toBe(0o660);
  });

  it('removes its socket when it closes, and closing twice or before opening does no harm', async () => {
    const address = unix('closing.sock');
    const one = listener(address);
    await one.close();
    await one.open();
    await one.close();
    await one.close();
    expect(existsSync(address.path)).toBe(false);
  });

  it('keeps serving when a connection could not be accepted, and logs it', async () => {
    const server = createServer();
    await listener({ kind: 'tcp', host: '127.0.0.1', port: 0 }, undefined, server).open();
    server.emit('error', new Error('too many open files'));
    expect(log.text()).toContain('a connection could not be accepted');
    expect(server.listening).toBe(true);
  });

  it('says that permission is missing', async () => {
    const server = createServer();
    server.listen = () => {
      server.emit('error', Object.assign(new Error('no'), { code: 'EACCES' }));
      return server;
    };
    await expect(listener({ kind: 'tcp', host: '127.0.0.1', port: 80 }, undefined, server).open()).rejects.toMatchObject({
      code: 'not-permitted',
      message: 'cannot listen on 127.0.0.1:80: this user may not (EACCES)',
    });
  });
});
