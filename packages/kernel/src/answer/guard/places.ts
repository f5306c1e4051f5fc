/** One that was inside. */
export interface Stayed {
  /** Milliseconds inside. */
  readonly tookMs: number;
  /** Milliseconds that there were, waiting in line included. */
  readonly ms: number;
  /** How many were inside when it came in, itself included. */
  readonly ordinal: number;
  /** False: it left without an answer, while others got theirs. */
  readonly served: boolean;
}

/** Of the last ten or so, the newest most. */
class Average {
  #value: number | undefined;

  /** 0 before the first. */
  get value(): number {
    return this.#value ?? 0;
  }

  add(one: number): void {
    this.#value = this.#value === undefined ? one : this.#value + 0.1 * (one - this.#value);
  }
}

/** Fewer than this are never allowed; and how long one stays among so few is what the work itself takes. */
const few = 2;

/** The part of its time that a stay may take up when there are too many; the rest is for waiting in line, and for what is left. */
const enough = 1 / 3;

/**
 * How many may be inside at once: as many as the config allows, and fewer while so many hold each other up.
 *
 * A store that gets eight logins a second done and has sixty-four of them before it answers each after eight seconds, which is nobody any
 * more. Where stays are long and much longer than among few, the store works one off after the other, so that a stay is as long as there
 * are others (Little's law), and so many are let in as fit. A store that always takes long, however few ask it, gets all its places.
 */
export class Places {
  readonly #most: number;
  /** Grows by parts of a place. */
  #places: number;
  readonly #stayMs = new Average();
  readonly #ordinal = new Average();
  readonly #amongFewMs = new Average();
  /** Who was not served within this time was not served at all: the store has a time-out of its own. */
  #patienceMs = Infinity;

  constructor(most: number) {
    this.#most = most;
    this.#places = most;
  }

  /** At least 1. */
  get count(): number {
    return Math.floor(this.#places);
  }

  /** `full`: whether nobody else could have come in meanwhile. */
  left(stayed: Stayed, full: boolean): void {
    const { tookMs, ms, ordinal, served } = stayed;
    // An error that came at once says nothing of how long a stay is.
    if (!served && tookMs < this.#stayMs.value) return;
    this.#patienceMs = served ? Math.max(this.#patienceMs, tookMs) : tookMs;
    this.#stayMs.add(tookMs);
    this.#ordinal.add(ordinal);
    if (ordinal <= few) this.#amongFewMs.add(tookMs);
    const fitMs = Math.min(ms, this.#patienceMs) * enough;
    if (this.#stayMs.value > fitMs && this.#stayMs.value > 2 * this.#amongFewMs.value) this.#fit(fitMs);
    else if (full && this.#places < this.#most) this.#grow(tookMs < fitMs / 2);
  }

  #fit(ms: number): void {
    const fitting = (this.#ordinal.value * ms) / this.#stayMs.value;
    this.#places = Math.min(this.#most, Math.max(few, fitting));
  }

  /** By one for each that left, or for each round. */
  #grow(fast: boolean): void {
    this.#places = Math.min(this.#most, this.#places + (fast ? 1 : 1 / this.#places));
  }
}
