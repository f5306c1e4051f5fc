import type { Clock } from '@postern/contract';

interface Item {
  /** When it was laid down, on the monotonic clock. */
  idleSince: number;
}

/** Things that nobody uses, the warmest first, under one timer: one for each costs every login two. */
export class Idle<T extends Item> {
  /** The one that has lain longest first. */
  readonly #items: T[] = [];
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #done: (item: T) => void;
  #callOff: (() => void) | undefined;

  /** `done` is told of what nobody took for `ms` milliseconds; it is gone from here then. */
  constructor(clock: Clock, ms: number, done: (item: T) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#done = done;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  put(item: T): void {
    item.idleSince = this.#clock.monotonic();
    this.#items.push(item);
    this.#callOff ??= this.#clock.after(this.#ms, () => this.#sweep());
  }

  take(): T | undefined {
    return this.#items.pop();
  }

  delete(item: T): void {
    const at = this.#items.indexOf(item);
    if (at >= 0) this.#items.splice(at, 1);
  }

  /** No timer is left. */
  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #sweep(): void {
    this.#callOff = undefined;
    const now = this.#clock.monotonic();
    for (let [first] = this.#items; first !== undefined; [first] = this.#items) {
      const left = first.idleSince + this.#ms - now;
      if (left > 0) {
        this.#callOff = this.#clock.after(Math.max(1, Math.ceil(left)), () => this.#sweep());
        return;
      }
      this.#items.shift();
      this.#done(first);
    }
  }
}
