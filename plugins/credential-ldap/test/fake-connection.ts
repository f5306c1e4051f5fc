import type { Connection, ServerAddress } from '../src/directory-types.js';

/** Does nothing but live and die. */
export class FakeConnection implements Connection {
  broken = false;
  readonly address: ServerAddress;

  constructor(address: ServerAddress) {
    this.address = address;
  }

  bind(): Promise<never> {
    throw new Error('not here');
  }

  search(): Promise<never> {
    throw new Error('not here');
  }

  destroy(): void {
    this.broken = true;
  }
}
