import { reasonOf } from './directory-types.js';

interface Waiter<T, W> {
  readonly way: W;
  readonly resolve: (thing: T) => void;
  readonly reject: (cause: Error) => void;
}

/** Callers that wait for something, each in its own way. Whoever came first is served first; whoever gave up is forgotten. */
export class Line<T, W> {
  readonly #waiters: Waiter<T, W>[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  /** The way of the first; undefined when nobody waits. */
  get next(): W | undefined {
    return this.#waiters[0]?.way;
  }

  /** Rejects with the signal's reason when it aborts first. */
  join(signal: AbortSignal, way: W): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reasonOf(signal));
      };
      const waiter: Waiter<T, W> = {
        way,
        resolve: (thing) => {
          signal.removeEventListener('abort', giveUp);
          resolve(thing);
        },
        reject: (cause) => {
          signal.removeEventListener('abort', giveUp);
          reject(cause);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** The first gets it. */
  serve(thing: T): void {
    this.#waiters.shift()?.resolve(thing);
  }

  /** The first gets an error. */
  fail(cause: Error): void {
    this.#waiters.shift()?.reject(cause);
  }
}
