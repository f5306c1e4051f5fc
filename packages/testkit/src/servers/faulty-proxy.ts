import { createServer, type Server, type Socket } from 'node:net';
import { freePort, type Endpoint } from './endpoint.js';
import type { Fault } from './fault.js';
import { FaultyConnection } from './faulty-connection.js';
import { withFreshPorts } from './retry-ports.js';
import type { ServerRoom } from './server-room.js';

/** Stands between a client and a real server on a port of its own, and breaks what passes on demand. */
export class FaultyProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #upstream: Endpoint;
  readonly #connections = new Set<FaultyConnection>();
  #fault: Fault = { kind: 'pass' };
  #server: Server | undefined;
  #taken = 0;

  private constructor(upstream: Endpoint, port: number) {
    this.#upstream = upstream;
    this.port = port;
  }

  /** Passes everything to begin with. Ends with the room. */
  static start(room: ServerRoom, upstream: Endpoint): Promise<FaultyProxy> {
    return withFreshPorts(async () => {
      const proxy = new FaultyProxy(upstream, await freePort());
      await proxy.#listen();
      room.onClose(() => proxy.stop());
      return proxy;
    });
  }

  get endpoint(): { readonly host: string; readonly port: number } {
    return { host: this.host, port: this.port };
  }

  /** Connections of clients that are open now. */
  get open(): number {
    return this.#connections.size;
  }

  /** Connections taken since the start. */
  get taken(): number {
    return this.#taken;
  }

  /** From now on, for connections that are open and for new ones. */
  async become(fault: Fault): Promise<void> {
    this.#fault = fault;
    for (const connection of this.#connections) connection.become(fault);
    if (fault.kind === 'refuse') await this.stop();
    else await this.#listen();
  }

  /** Closes every open connection, as a server that starts again does. */
  dropAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.dropAll();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #listen(): Promise<void> {
    if (this.#server !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.#serve(socket));
      server.once('error', reject);
      server.listen({ host: this.host, port: this.port }, () => {
        this.#server = server;
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    this.#taken += 1;
    const fault: Fault = this.#fault.kind === 'half-open' ? { kind: 'pass' } : this.#fault;
    const connection = new FaultyConnection(socket, this.#upstream, fault, () => this.#connections.delete(connection));
    this.#connections.add(connection);
  }
}
