import type { Socket } from 'node:net';
import { connectTo, type Endpoint } from './endpoint.js';
import { garbage, type Fault } from './fault.js';

/** One client's connection through a `FaultyProxy`, and the server's other half of it. */
export class FaultyConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #late = new Set<NodeJS.Timeout>();
  #fault: Fault;
  #passed = 0;

  constructor(client: Socket, upstream: Endpoint, fault: Fault, onGone: () => void) {
    this.#client = client.setNoDelay(true);
    this.#server = connectTo(upstream).setNoDelay(true);
    this.#fault = fault;
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    this.#server.on('data', (chunk: Buffer) => this.#fromServer(chunk));
    for (const socket of [client, this.#server]) socket.on('error', () => socket.destroy());
    client.on('close', () => {
      this.close();
      onGone();
    });
    this.#server.on('close', () => this.#serverGone());
  }

  become(fault: Fault): void {
    this.#fault = fault;
    this.#passed = 0;
  }

  close(): void {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    this.#client.destroy();
    this.#server.destroy();
  }

  get #silent(): boolean {
    return this.#fault.kind === 'black-hole' || this.#fault.kind === 'half-open';
  }

  /** A silent connection hides from the client that the server went away. */
  #serverGone(): void {
    if (!this.#silent) this.#client.end();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#fault.kind === 'reset') this.#client.resetAndDestroy();
    else if (!this.#silent) this.#server.write(chunk);
  }

  #fromServer(chunk: Buffer): void {
    const fault = this.#fault;
    switch (fault.kind) {
      case 'pass':
      case 'refuse':
        this.#client.write(chunk);
        return;
      case 'slow':
        this.#later(fault.ms, chunk);
        return;
      case 'drop-mid-reply':
        this.#client.write(chunk.subarray(0, Math.max(0, fault.bytes - this.#passed)));
        this.#passed += chunk.length;
        if (this.#passed >= fault.bytes) this.#client.end();
        return;
      case 'garbage':
        this.#client.write(garbage(chunk.length));
        return;
      case 'black-hole':
      case 'half-open':
      case 'reset':
        return;
    }
  }

  #later(ms: number, chunk: Buffer): void {
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      if (!this.#client.destroyed) this.#client.write(chunk);
    }, ms);
    this.#late.add(timer);
  }
}
