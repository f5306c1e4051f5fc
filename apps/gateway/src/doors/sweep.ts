import type { Clock } from '@postern/contract';

/** Something that must not outlive `due` (on the clock's `monotonic`, in milliseconds). `due` may be moved at any time. */
export interface Expiring {
  readonly due: number;
  /** Called once `due` has passed, again at each sweep until it is removed or `due` is moved. */
  expire(): void;
}

/**
 * Deadlines of many short-lived things with one timer: a timer for each connection costs more than reading its request.
 * `everyMs`: an expiry comes at most this much late. Nothing runs while there is nothing to watch.
 */
export class Sweep<T extends Expiring> {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #watched = new Set<T>();
  #armed = false;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  get size(): number {
    return this.#watched.size;
  }

  add(item: T): void {
    this.#watched.add(item);
    if (!this.#armed) this.#arm();
  }

  delete(item: T): void {
    this.#watched.delete(item);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#watched.values();
  }

  #arm(): void {
    this.#armed = true;
    this.#clock.after(this.#everyMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#armed = false;
    const now = this.#clock.monotonic();
    for (const item of this.#watched) if (item.due <= now) item.expire();
    if (this.#watched.size > 0) this.#arm();
  }
}

/** A tenth of the deadline, so that a denial comes neither much too late nor costs a wake-up each moment. */
export const sweepInterval = (deadlineMs: number): number => Math.min(250, Math.max(5, deadlineMs / 10));
