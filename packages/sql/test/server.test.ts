import { describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { ReadOnly, Unreachable } from '../src/failure.js';
import { Server } from '../src/server.js';
import { FakeConnection } from './support/fake-connection.js';
import { never } from './support/open.js';

const scene = () => {
  const calls: { readonly refuse: () => void; readonly accept: () => void }[] = [];
  const server = new Server({
    name: 'db.example:5432',
    connect: () =>
      new Promise((resolve, reject) => {
        calls.push({ refuse: () => reject(new Unreachable('starting up')), accept: () => resolve(new FakeConnection()) });
      }),
    pool: { max: 2, together: 1, waiting: Infinity, idleMs: 1000, ageMs: 10_000 },
    timeoutMs: 1000,
    connectTimeoutMs: 1000,
    clock: new SteppableClock(),
    log: new CapturedLog(),
  });
  return { server, calls };
};
const turn = (): Promise<void> => new Promise(setImmediate);

describe('opening a database server', () => {
  it('looks whether it answers from now on: a look that began before may tell of what was', async () => {
    const { server, calls } = scene();
    const first = server.open(never);
    await turn();
    const second = server.open(never);
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.refuse();
    await expect(first).rejects.toThrow('starting up');
    await turn();
    calls[1]?.accept();
    await second;
    expect(server.fallen).toBeUndefined();
    await server.close();
  });

  it('throws what the look met', async () => {
    const { server, calls } = scene();
    const opening = server.open(never);
    await turn();
    calls[0]?.refuse();
    await expect(opening).rejects.toThrow('starting up');
    expect(server.fallen?.message).toContain('starting up');
    await server.close();
  });
});

describe('a connection that takes no changes', () => {
  it('is not used again: another server may write behind the same address by now', async () => {
    const { server, calls } = scene();
    const change = server.run(() => Promise.reject(new ReadOnly('a replica')), never, false);
    await turn();
    calls[0]?.accept();
    await expect(change).rejects.toThrow(ReadOnly);
    expect([server.connections, server.trouble]).toEqual([0, undefined]);
    await server.close();
  });
});
