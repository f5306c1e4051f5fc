import type { Clock } from '@postern/contract';

/** Something that must not outlive `due` (on the clock's `monotonic`, in milliseconds). `due` may be moved at any time. */
export interface Expiring {
  readonly due: number;
  /** Where the sweep keeps it, and nobody else's business; -1 when it does not. */
  place: number;
  /** Called once `due` has passed, again at each sweep until it is removed or `due` is moved. */
  expire(): void;
}

/**
 * Deadlines of many short-lived things with one timer: a timer for each connection costs more than reading its request.
 * `everyMs`: an expiry comes at most this much late. Nothing runs while there is nothing to watch.
 *
 * What it watches lies in a list and knows its place there. A `Set` would keep the connections of many seconds alive
 * (packages/kernel/src/answer/open-journals.ts says why).
 */
export class Sweep<T extends Expiring> {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #watched: T[] = [];
  #armed = false;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  get size(): number {
    return this.#watched.length;
  }

  /** What is watched already must not come again. */
  add(item: T): void {
    item.place = this.#watched.push(item) - 1;
    if (!this.#armed) this.#arm();
  }

  /** The last one takes its place. */
  delete(item: T): void {
    const { place } = item;
    if (this.#watched[place] !== item) return;
    const last = this.#watched.pop();
    if (last !== undefined && last !== item) {
      this.#watched[place] = last;
      last.place = place;
    }
    item.place = -1;
  }

  /** Those watched now, whatever comes and goes meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#watched].values();
  }

  #arm(): void {
    this.#armed = true;
    this.#clock.after(this.#everyMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#armed = false;
    const now = this.#clock.monotonic();
    for (const item of this) if (item.due <= now) item.expire();
    if (this.#watched.length > 0) this.#arm();
  }
}

/** A tenth of the deadline, so that a denial comes neither much too late nor costs a wake-up each moment. */
export const sweepInterval = (deadlineMs: number): number => Math.min(250, Math.max(5, deadlineMs / 10));
