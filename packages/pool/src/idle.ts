import type { Clock } from '@postern/contract';

interface Item {
  /** When it was laid down, on the monotonic clock. */
  idleSince: number;
}

/** Things that nobody uses, the warmest first, under one timer: one for each would cost every login two. */
export class Idle<T extends Item> {
  /** The one that has lain longest first. */
  #items: T[] = [];
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

  put(item: T): void {
    item.idleSince = this.#clock.monotonic();
    this.#items.push(item);
    this.#callOff ??= this.#clock.after(this.#ms, () => this.#sweep());
  }

  /** The warmest. */
  take(): T | undefined {
    return this.#items.pop();
  }

  takeAll(which: (item: T) => boolean): readonly T[] {
    const [taken, kept]: [T[], T[]] = [[], []];
    for (const item of this.#items) (which(item) ? taken : kept).push(item);
    this.#items = kept;
    return taken;
  }

  /** No timer is left. */
  stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #sweep(): void {
    const due = this.#clock.monotonic() - this.#ms;
    this.takeAll(({ idleSince }) => idleSince <= due).forEach((item) => this.#done(item));
    const [first] = this.#items;
    this.#callOff = first === undefined ? undefined : this.#clock.after(Math.max(1, Math.ceil(first.idleSince - due)), () => this.#sweep());
  }
}
