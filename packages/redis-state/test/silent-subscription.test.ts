import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { RedisPlace } from '@postern/redis-state';
import { LiveClock } from '@postern/testkit';
import type { Client } from '../src/clients.js';
import { until } from './support/open-place.js';

/** A cluster that takes writes, while the connection it hears on was forgotten by a firewall: `subscribe` never ends. */
class HalfSilent extends EventEmitter {
  readonly status = 'ready';
  written = 0;

  connect(): Promise<void> {
    this.emit('ready');
    return Promise.resolve();
  }
  set(): Promise<string> {
    this.written += 1;
    return Promise.resolve('OK');
  }
  publish(): Promise<number> {
    return Promise.resolve(0);
  }
  subscribe(): Promise<never> {
    return new Promise(() => undefined);
  }
  disconnect(): void {
    this.emit('end');
  }
}

describe('a cluster whose subscription gets no answer', () => {
  it('is deaf and no more than that, and is looked at again and again', async () => {
    const cluster = new HalfSilent();
    const client = cluster as unknown as Client;
    const place = new RedisPlace({
      settings: { topology: { kind: 'cluster', nodes: [] }, prefix: 'p:', timeoutMs: 20, patienceMs: 20 },
      clock: new LiveClock(),
      clients: { asking: client, hearing: client },
    });
    await place.open();
    await until(() => place.reach.kind === 'deaf');
    const before = cluster.written;
    await until(() => cluster.written > before + 1);
    expect(place.reach).toMatchObject({ kind: 'deaf' });
    await place.close();
  });
});
