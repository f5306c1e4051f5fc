import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '@postern/contract';
import { BackendPool } from '../../src/backends/backend-pool.js';
import { tcpConnector } from '../../src/backends/connector.js';
import { probe, type ProbeResult } from '../../src/backends/probe.js';
import { SystemResolver } from '../../src/backends/resolver.js';
import { MemoryLog } from '../answer/fakes.js';
import { backend, greeting } from './fakes.js';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A server on a random port, with everything that was said to it. */
const serve = async (greet: (socket: Socket) => void, port = 0): Promise<{ port: number; said: string[]; close: () => Promise<void> }> => {
  const said: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      said.push(bytes.toString());
      socket.end();
    });
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  open.push(close);
  return { port: (server.address() as { port: number }).port, said, close };
};

const check = (port: number, timeout = 10_000): Promise<ProbeResult> =>
  probe({ address: '127.0.0.1', port, protocol: 'imap', timeout }, tcpConnector, clock);

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('a check over real sockets', () => {
  it('is good for a mail server, which hears a goodbye', async () => {
    const server = await serve((socket) => socket.write(greeting.imap));
    expect(await check(server.port)).toEqual({ kind: 'greeted' });
    await until(() => server.said.length > 0);
    expect(server.said).toEqual(['bye LOGOUT\r\n']);
  });

  it('is good for a greeting in pieces', async () => {
    const server = await serve((socket) => {
      socket.setNoDelay(true);
      socket.write('* O');
      setImmediate(() => socket.write('K\r\n'));
    });
    expect(await check(server.port)).toEqual({ kind: 'greeted' });
  });

  it('fails for a port that nobody listens on', async () => {
    const server = await serve(() => undefined);
    await server.close();
    expect(await check(server.port)).toEqual({ kind: 'failed', why: 'ECONNREFUSED' });
  });

  it('fails for garbage, for a reset, and for a close without a word', async () => {
    const garbage = await serve((socket) => socket.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff])));
    expect(await check(garbage.port)).toMatchObject({ kind: 'failed', why: expect.stringMatching(/greeting/) });
    const reset = await serve((socket) => socket.resetAndDestroy());
    expect(await check(reset.port)).toMatchObject({ kind: 'failed' });
    const silent = await serve((socket) => socket.end());
    expect(await check(silent.port)).toMatchObject({ kind: 'failed', why: expect.stringMatching(/closed|ECONN/) });
  });

  it('fails in time for a server that never greets, and for half a greeting', async () => {
    const mute = await serve(() => undefined);
    expect(await check(mute.port, 50)).toMatchObject({ kind: 'failed', why: 'timed out while waiting for the greeting' });
    const half = await serve((socket) => socket.write('* OK half a gree'));
    expect(await check(half.port, 50)).toMatchObject({ kind: 'failed', why: 'timed out while waiting for the greeting' });
  });

  it('survives a server that floods it after the greeting', async () => {
    const server = await serve((socket) => {
      const flood = (): void => {
        if (socket.destroyed) return;
        socket.write(Buffer.alloc(65_536, 0x78), () => setImmediate(flood));
      };
      socket.write(greeting.imap);
      flood();
    });
    expect(await check(server.port)).toEqual({ kind: 'greeted' });
  });
});

describe('the pool over real sockets', () => {
  it('rule 71: sees a backend go and come back', async () => {
    const greet = (socket: Socket): void => void socket.write(greeting.imap);
    const first = await serve(greet);
    const pool = new BackendPool({
      backends: [backend('a', { host: 'localhost', ports: { imap: first.port, pop3: first.port, smtp: first.port } })],
      health: { every: 20, timeout: 5000, rise: 2, fall: 2 },
      resolver: new SystemResolver(),
      clock,
      log: new MemoryLog(),
    });
    open.push(() => pool.stop());
    const health = (): string => pool.statuses()[0]!.ports.imap.health;
    await pool.start();
    await until(() => health() === 'up');
    expect(pool.statuses()[0]!.ports.smtp.health).not.toBe('up');
    expect(await pool.resolve({ kind: 'named', name: 'a' }, 'imap')).toMatchObject({ address: '127.0.0.1', port: first.port });
    await first.close();
    await until(() => health() === 'down');
    await serve(greet, first.port);
    await until(() => health() === 'up');
  });
});

describe('the system resolver', () => {
  it('answers many at once, a few at a time, and goes on after a failure', async () => {
    const resolver = new SystemResolver();
    const asked = Array.from({ length: 10 }, (_, index) => resolver.lookup(index % 3 === 0 ? 'a name with blanks' : '127.0.0.1'));
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).toEqual(asked.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')));
  });
});
