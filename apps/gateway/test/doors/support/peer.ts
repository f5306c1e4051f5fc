import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The other side of a connection: sends bytes and keeps all that comes back. */
export class Peer {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  readonly #closed: Promise<void>;

  /** `socket`: connected, or about to be. */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** `where`: a door's address, `host:port` or `unix:/path`. */
  static async connect(where: string): Promise<Peer> {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(where) ?? [];
    const options = where.startsWith('unix:') ? { path: where.slice(5) } : { host, port: Number(port) };
    const socket = connect({ ...options, allowHalfOpen: true, noDelay: true });
    const peer = new Peer(socket);
    await once(socket, 'connect');
    return peer;
  }

  send(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** One write at a time, each handed to the system before the next. */
  async sendSlowly(pieces: Iterable<Buffer>): Promise<void> {
    for (const piece of pieces) {
      if (this.socket.destroyed || this.socket.writableEnded) return;
      await new Promise<void>((resolve) => this.socket.write(piece, () => resolve()));
    }
  }

  /** All bytes until the other side sends FIN; our side is closed then. */
  async receive(): Promise<Buffer> {
    if (!this.socket.readableEnded && !this.socket.destroyed)
      await Promise.race([once(this.socket, 'end').catch(() => undefined), this.#closed]);
    this.socket.end();
    await this.#closed;
    return Buffer.concat(this.chunks);
  }

  /** Resolves once there are so many bytes, or no more can come. */
  async until(holds: (received: Buffer) => boolean): Promise<Buffer> {
    while (!holds(Buffer.concat(this.chunks)) && !this.socket.readableEnded && !this.socket.destroyed) {
      await Promise.race([once(this.socket, 'data').catch(() => undefined), once(this.socket, 'end').catch(() => undefined), this.#closed]);
    }
    return Buffer.concat(this.chunks);
  }

  /** RST. Where there is a TLS or unix socket, the most abrupt there is. */
  reset(): void {
    try {
      this.socket.resetAndDestroy();
    } catch {
      this.socket.destroy();
    }
  }

  /** Resolves when nothing of the connection is left. */
  get closed(): Promise<void> {
    return this.#closed;
  }
}
