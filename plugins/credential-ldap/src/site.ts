import type { Health } from '@postern/contract';
import type { Connections } from './connections.js';
import type { Query, ServerAddress } from './directory-types.js';
import { anyEntry } from './filter/filter.js';
import type { Open } from './open-first.js';
import type { Servers } from './servers.js';

export interface SiteParts {
  readonly servers: Servers;
  readonly pools: readonly Connections[];
  /** A connection as the pool that logins need first would open it. */
  readonly open: Open;
}

/** Every directory shows this to everybody (RFC 4512 section 5.1); whatever it answers, it answers. */
const rootEntry: Query = { base: '', scope: 'base', filter: anyEntry, attributes: ['1.1'] };

/** The servers and the connections to them, as one thing that starts, is well or not, and stops. */
export class Site {
  readonly #parts: SiteParts;

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  /** Rejects when no server can be used. Connections are opened by logins all the same. */
  async start(signal: AbortSignal): Promise<void> {
    for (const pool of this.#parts.pools) pool.start();
    const [first] = this.#parts.pools;
    await first?.use(signal, (connection) => connection.search(rootEntry, signal));
  }

  /** Tries those in trouble again: where nobody logs in because of it, nobody else would find out that it is over. */
  async health(signal: AbortSignal): Promise<Health> {
    const { servers } = this.#parts;
    await Promise.all(servers.troubled().map((address) => this.#tryAgain(address, signal)));
    return servers.health();
  }

  stop(): void {
    for (const pool of this.#parts.pools) pool.stop();
  }

  async #tryAgain(address: ServerAddress, signal: AbortSignal): Promise<void> {
    const { servers, open } = this.#parts;
    try {
      const connection = await open(address, signal);
      await connection.search(rootEntry, signal).finally(() => connection.destroy());
      servers.succeeded(address);
    } catch (error) {
      if (!signal.aborted) servers.unreachable(address, error);
    }
  }
}
