import type { Server } from 'node:net';
import type { ListenAddress } from '@postern/kernel';
import { Listener, type ListenerParts } from './listener.js';

/** All places where one door listens. */
export class Listeners {
  readonly #all: readonly Listener[];

  constructor(addresses: readonly ListenAddress[], serve: (address: ListenAddress) => Server, parts: ListenerParts) {
    this.#all = addresses.map((address) => new Listener(serve(address), address, parts));
  }

  get address(): string {
    return this.#all.map((listener) => listener.address).join(', ');
  }

  /** Opens all or none. Rejects with the first `DoorError`. */
  async open(): Promise<void> {
    try {
      for (const listener of this.#all) await listener.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Stops accepting at once; resolves when the last connection is gone. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((listener) => listener.close()));
  }
}
