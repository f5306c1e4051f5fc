import type { Clock } from '@postern/contract';

/** For so long, in milliseconds, we make do with the connections that are open; then we ask for one more. */
const contentMs = 5000;

/** What the server said, and when. */
interface Full {
  readonly at: number;
  readonly open: number;
  readonly why: string;
}

/**
 * How many connections a server has room for. A server that takes no more is not gone: those that are open go on working, and logins
 * wait for their turn at them.
 */
export class Room {
  readonly #max: number;
  readonly #clock: Clock;
  #full: Full | undefined;

  /** `max`: how many we want. */
  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
  }

  /** How many there may be now. */
  get max(): number {
    return Math.min(this.#max, this.#now?.open ?? this.#max);
  }

  /** What the server said, and how many it let in; undefined while it takes all that we want. */
  get trouble(): Error | undefined {
    const full = this.#now;
    return full === undefined ? undefined : new Error(`${full.why} (open: ${full.open} of ${this.#max})`);
  }

  /** The server takes no more than these. */
  filled(open: number, why: string): void {
    this.#full = { at: this.#clock.monotonic(), open: Math.max(1, open), why };
  }

  /** One more was let in than it had seemed. */
  opened(open: number): void {
    if (this.#full !== undefined && open > this.#full.open) this.#full = { ...this.#full, open };
  }

  get #now(): Full | undefined {
    return this.#full !== undefined && this.#clock.monotonic() - this.#full.at < contentMs ? this.#full : undefined;
  }
}
