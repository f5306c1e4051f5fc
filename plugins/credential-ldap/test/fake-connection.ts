import type { Connection, ServerAddress } from '../src/directory-types.js';

/** Does nothing but live and die. */
export class FakeConnection implements Connection {
  alive = true;
  readonly address: ServerAddress;
  #listener: () => void = () => undefined;

  constructor(address: ServerAddress) {
    this.address = address;
  }

  bind(): Promise<never> {
    throw new Error('not here');
  }

  search(): Promise<never> {
    throw new Error('not here');
  }

  onDeath(listener: () => void): void {
    this.#listener = listener;
  }

  close(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#listener();
  }
}
