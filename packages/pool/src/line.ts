import type { Way } from './member.js';

/** How long somebody waits. What an `AbortSignal` says, without the price of one for every login. */
export interface Waiting {
  /** Why it is over; undefined while it is not. */
  readonly reason: Error | undefined;
  /** Calls `run` once if it ends; the returned function calls that off. One at a time. */
  whenOver(run: (reason: Error) => void): () => void;
}

/** Too much to do, not out of order: see `isOverload` of the contract. */
export class LineFull extends Error {
  override readonly name = 'LineFull';
  readonly overloaded = true;
}

interface Waiter<T> {
  readonly number: number;
  readonly way: Way;
  readonly callOff: () => void;
  readonly resolve: (thing: T) => void;
  readonly reject: (cause: unknown) => void;
}

/** Those who wait for something, each in a way. Whoever came first is served first; whoever gave up is forgotten. */
export class Line<T> {
  readonly #waiters: Waiter<T>[] = [];
  #last = 0;

  get length(): number {
    return this.#waiters.length;
  }

  /** The way of the first; undefined when nobody waits. */
  get next(): Way | undefined {
    return this.#waiters[0]?.way;
  }

  /** The number of who came first. */
  get first(): number | undefined {
    return this.#waiters[0]?.number;
  }

  /** The number of who came last. Numbers go up. */
  get last(): number {
    return this.#last;
  }

  /** Rejects with the reason when the waiting is over first; it must not be over yet. */
  join(waiting: Waiting, way: Way): Promise<T> {
    return new Promise((resolve, reject) => {
      const callOff = waiting.whenOver((reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reason);
      });
      const waiter = { number: (this.#last += 1), way, callOff, resolve, reject };
      this.#waiters.push(waiter);
    });
  }

  /** The first gets it. */
  serve(thing: T): void {
    const first = this.#waiters.shift();
    first?.callOff();
    first?.resolve(thing);
  }

  /** The first gets an error, if his number is not above `upTo`. False: nobody did. */
  fail(cause: unknown, upTo: number): boolean {
    const [first] = this.#waiters;
    if (first === undefined || first.number > upTo) return false;
    this.#waiters.shift();
    first.callOff();
    first.reject(cause);
    return true;
  }
}
