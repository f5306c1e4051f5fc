import { createServer, type Server } from 'node:http';
import { Crowd } from './crowd.js';
import { Listener } from '../doors/listener.js';
import type { ListenAddress } from '@postern/kernel';
import { operatorApp, type OperatorParts } from './operator-app.js';

const limits = { requestTimeout: 10_000, headersTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 };
const mostConnections = 256;

/** The operator's own listener: never nginx's socket (rule 70). */
export class OperatorServer {
  readonly #server: Server;
  readonly #listener: Listener;

  constructor(address: ListenAddress, parts: OperatorParts) {
    this.#server = createServer(limits, operatorApp(parts));
    new Crowd(mostConnections).watch(this.#server);
    this.#listener = new Listener(this.#server, address, parts);
  }

  /** As it listens, with the real port. */
  get address(): string {
    return this.#listener.address;
  }

  /** Rejects with a `DoorError`. */
  open(): Promise<void> {
    return this.#listener.open();
  }

  /** Answers what was asked within `graceMs` milliseconds, then hangs up. Works when it never opened. */
  async close(graceMs: number): Promise<void> {
    const closed = this.#listener.close();
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    cut.unref();
    await closed;
    clearTimeout(cut);
  }
}
