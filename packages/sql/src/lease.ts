import type { Connection } from './connection.js';

/** A connection, lent. Give it back once, with `release` or `discard`. */
export interface Lease {
  readonly connection: Connection;
  /** Whether it was opened for this lease; one that was not may have died unnoticed. */
  readonly fresh: boolean;
  /** Of the connection; see `Pool.renew`. */
  readonly era: number;
  release(): void;
  /** It is not used again, and closed as soon as nobody else waits for an answer on it. */
  discard(): void;
}

interface LoanParts extends Pick<Lease, 'connection' | 'fresh' | 'era'> {
  readonly takeBack: () => void;
  readonly discard: () => void;
}

/** Is given back once, whatever its holder does. */
export class Loan implements Lease {
  readonly connection: Connection;
  readonly fresh: boolean;
  readonly era: number;
  readonly #takeBack: () => void;
  readonly #discard: () => void;
  #lent = true;

  constructor({ connection, fresh, era, takeBack, discard }: LoanParts) {
    this.connection = connection;
    this.fresh = fresh;
    this.era = era;
    this.#takeBack = takeBack;
    this.#discard = discard;
  }

  release(): void {
    this.#end(this.#takeBack);
  }

  discard(): void {
    this.#end(this.#discard);
  }

  #end(how: () => void): void {
    if (!this.#lent) return;
    this.#lent = false;
    how();
  }
}
