import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { CollectingRunner, connectTo, describeStoreOutages, type ProxyEndpoint, type StoreUnderTest } from '../src/index.js';

/** Asks one line and reads one line: `ann right` is answered with `yes, come in`. */
class LineStore implements StoreUnderTest {
  readonly abilities = { mechanisms: ['plain'], knowsUsers: true } as const;
  readonly #endpoint: ProxyEndpoint;
  readonly #fault: 'none' | 'rejects' | 'leaks' | 'waits' | 'gives-up';
  readonly #open = new Set<Socket>();
  #given = false;

  constructor(endpoint: ProxyEndpoint, fault: LineStore['fault']) {
    this.#endpoint = endpoint;
    this.#fault = fault;
  }

  get fault(): 'none' | 'rejects' | 'leaks' | 'waits' | 'gives-up' {
    return this.#fault;
  }

  verify(...[{ user, proof }, signal]: Parameters<StoreUnderTest['verify']>): Promise<Verdict> {
    return new Promise((resolve) => {
      const socket = connectTo(this.#endpoint);
      this.#open.add(socket);
      let answer = '';
      const end = (verdict: Verdict): void => {
        if (this.#fault !== 'leaks') socket.destroy();
        this.#given ||= verdict.kind === 'deferred';
        resolve(this.#fault === 'gives-up' && this.#given ? { kind: 'deferred', cause: new Error('never again') } : verdict);
      };
      const trouble = (cause: unknown): void => end(this.#fault === 'rejects' ? { kind: 'rejected' } : { kind: 'deferred', cause });
      socket.on('error', trouble).on('close', () => trouble(new Error('closed')));
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
        if (answer === 'yes, come in\n') end({ kind: 'accepted', account: { user, attributes: {} } });
        else if (answer === 'no, not you\n') end({ kind: 'rejected' });
        else if (!/^[a-z, \n]*$/.test(answer)) trouble(new Error('nonsense'));
      });
      if (this.#fault !== 'waits') signal.addEventListener('abort', () => end({ kind: 'deferred', cause: signal.reason }));
      socket.write(`${user} ${proof.mechanism === 'plain' ? proof.password : ''}\n`);
    });
  }

  stop(): Promise<void> {
    if (this.#fault !== 'leaks') for (const socket of this.#open) socket.destroy();
    return Promise.resolve();
  }
}

describe('the outage suite', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (line: Buffer) => socket.write(line.toString() === 'ann right-of-ann\n' ? 'yes, come in\n' : 'no, not you\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const failures = async (fault: LineStore['fault']): Promise<readonly string[]> => {
    const runner = new CollectingRunner();
    describeStoreOutages(runner, {
      name: 'lines',
      upstream: () => ({ port: (server.address() as AddressInfo).port }),
      make: (endpoint) => new LineStore(endpoint, fault),
      good: { user: 'ann', password: 'right-of-ann' },
      timeoutMs: 150,
      recoveryMs: 500,
      skip: { untrusted: 'it speaks no TLS', ...onlyOf(fault) },
    });
    return (await runner.run()).filter((each) => each.outcome === 'failed').map((each) => each.name);
  };

  /** Stores that wait too long take long to be caught; a case or two are enough. */
  const onlyOf = (fault: LineStore['fault']): Record<string, string> => {
    const slow = ['slow', 'dropped', 'garbage', 'reset', 'half-open', 'restarted', 'out-from-the-start', 'given-up'];
    return fault === 'none' || fault === 'rejects' ? {} : Object.fromEntries(slow.map((each) => [each, 'not now']));
  };

  it('passes a store that defers, recovers and leaves nothing behind', async () => {
    expect(await failures('none')).toEqual([]);
  });

  it('catches a store that takes an outage for a wrong password', async () => {
    const failed = (await failures('rejects')).join('\n');
    for (const words of ['refused', 'break off', 'garbage', 'reset']) expect(failed).toContain(words);
  });

  it('catches a store that leaves connections open', async () => {
    expect((await failures('leaks')).length).toBe(2);
  });

  it('catches a store that waits longer than it may, and one that never recovers', async () => {
    expect((await failures('waits')).join()).toContain('nothing answers');
    expect((await failures('gives-up')).join()).toContain('refused');
  });
});
