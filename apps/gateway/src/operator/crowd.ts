import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the connections of a server. When there are too many, the one that has waited longest without asking anything gives way, so that whoever
 * opens many and says nothing keeps nobody out; newcomers are turned away only when all of them are being answered.
 */
export class Crowd {
  readonly #most: number;
  /** In the order of their coming. */
  readonly #idle = new Set<Socket>();
  readonly #busy = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#enter(socket));
    server.on('request', ({ socket }, response) => {
      this.#idle.delete(socket);
      this.#busy.add(socket);
      response.once('close', () => this.#rest(socket));
    });
  }

  #enter(socket: Socket): void {
    this.#idle.add(socket);
    socket.once('close', () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
    if (this.#idle.size + this.#busy.size <= this.#most) return;
    const [oldest] = this.#idle;
    oldest?.destroy();
  }

  #rest(socket: Socket): void {
    if (!this.#busy.delete(socket) || socket.destroyed) return;
    this.#idle.add(socket);
  }
}
