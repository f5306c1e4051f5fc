import type { Lease } from './lease.js';
import type { Member } from './member.js';

/** Somebody who waits for a connection, and how long. What an `AbortSignal` says, without the price of one for every login. */
export interface Waiting {
  /** Why it is over; undefined while it is not. */
  readonly reason: Error | undefined;
  /** For opening a connection. */
  readonly signal: AbortSignal;
  /** Calls `run` once if it ends; the returned function calls that off. One at a time. */
  whenOver(run: (reason: Error) => void): () => void;
}

/** `alone`: nobody else asks on the connection meanwhile. `shared`: others of the same turn of the event loop may. */
export type Way = 'alone' | 'shared';

interface Waiter {
  readonly way: Way;
  readonly serve: (member: Member) => void;
  readonly open: () => void;
}

export interface LineParts {
  /** What one gets who is served. */
  readonly lend: (member: Member) => Lease;
  /** What one gets when there is room for a new connection. */
  readonly open: (signal: AbortSignal, way: Way) => Promise<Lease>;
}

/** Those who wait because all connections are lent. Whoever came first is served first; whoever gave up is forgotten. */
export class Line {
  readonly #parts: LineParts;
  readonly #waiters: Waiter[] = [];

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** How the first wants to use it; undefined when nobody waits. */
  get next(): Way | undefined {
    return this.#waiters[0]?.way;
  }

  /** Rejects with the reason when the waiting is over first. */
  join(waiting: Waiting, way: Way): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const callOff = waiting.whenOver((reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reason);
      });
      const waiter: Waiter = {
        way,
        serve: (member) => {
          callOff();
          resolve(this.#parts.lend(member));
        },
        open: () => {
          callOff();
          resolve(this.#parts.open(waiting.signal, way));
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** The first gets it. */
  serve(member: Member): void {
    this.#waiters.shift()?.serve(member);
  }

  /** The first may open one. */
  open(): void {
    this.#waiters.shift()?.open();
  }

  /** All of them may open one. */
  openAll(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.open();
  }
}
