import type { Clock } from '@postern/contract';

interface Entry {
  readonly at: number;
  readonly run: () => void;
}

/** Many deadlines, all of the same length, under one timer: they end in the order in which they began. */
export class Deadlines {
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #callOff: (() => void) | undefined;

  /** `ms`: milliseconds from the beginning of each to its end. */
  constructor(ms: number, clock: Clock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  /** Calls `run` once when the time is over; the returned function calls it off. */
  begin(run: () => void): () => void {
    const entry = { at: this.#clock.monotonic() + this.#ms, run };
    this.#entries.add(entry);
    this.#callOff ??= this.#clock.after(this.#ms, () => this.#sweep());
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Forgets all of them. */
  stop(): void {
    this.#entries.clear();
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #sweep(): void {
    this.#callOff = undefined;
    const now = this.#clock.monotonic();
    for (const entry of this.#entries) {
      if (entry.at > now) {
        this.#callOff = this.#clock.after(Math.max(1, Math.ceil(entry.at - now)), () => this.#sweep());
        return;
      }
      this.#entries.delete(entry);
      entry.run();
    }
  }
}
