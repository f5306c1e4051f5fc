import type { Clock } from '@postern/contract';
import { Places, type Stayed } from './places.js';

export interface LineRules {
  /** At most so many at once. */
  readonly concurrency: number;
  /** At most so many wait. */
  readonly queue: number;
}

/** How the waiting ended. `in`: a place was given, and must be given back with `leave`. */
export type Turn = 'in' | 'too-late' | 'sent-away';

interface Waiting {
  readonly end: (turn: Turn) => void;
}

/** What one stay counts for in the average of all. */
const weight = 0.1;

/** The part of its time after which somebody who waits must have been served, going by the others. */
const enough = 0.75;

/** Lets so many in at once and keeps so many waiting, in order of arrival. */
export class Line {
  readonly #rules: LineRules;
  readonly #places: Places;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<Waiting>();
  #inside = 0;
  #usualMs = 0;

  constructor(rules: LineRules, clock: Pick<Clock, 'after'>) {
    this.#rules = rules;
    this.#places = new Places(rules.concurrency);
    this.#clock = clock;
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Milliseconds: the stay of late. 0: nobody has been inside yet. */
  get usualMs(): number {
    return this.#usualMs;
  }

  /** Takes a place if there is one. `anyway`: even if there is none. */
  enter(anyway = false): boolean {
    if (!anyway && this.#inside >= this.#places.count) return false;
    this.#inside += 1;
    return true;
  }

  /** Gives the place back, to the first who waits. `ms`: how long the stay was. */
  leave(ms: number): void {
    this.#usualMs += weight * (ms - this.#usualMs);
    this.passOn();
  }

  /** As `leave`, for a place that was not used. */
  passOn(): void {
    this.#inside -= 1;
    for (let [first] = this.#waiting; first !== undefined && this.enter(); [first] = this.#waiting) first.end('in');
  }

  /** Of somebody who is about to leave. */
  learn(stayed: Stayed): void {
    this.#places.left(stayed, this.#inside >= this.#places.count);
  }

  /**
   * Waits for a place, at most `ms` milliseconds. Undefined when it would be in vain: too many wait, or, going by how fast those inside
   * get done, too little time would be left after its turn. Who is turned away at once can come again; who waits for too long takes a
   * place for nothing, and with every place taken like that nobody is served at all.
   */
  wait(ms: number): Promise<Turn> | undefined {
    const expectedMs = ((this.#waiting.size + 1) * this.#usualMs) / this.#places.count;
    if (this.#waiting.size >= this.#rules.queue || expectedMs + this.#usualMs > ms * enough) return undefined;
    return new Promise((resolve) => {
      const end = (turn: Turn): void => {
        callOff();
        this.#waiting.delete(waiting);
        resolve(turn);
      };
      const waiting: Waiting = { end };
      const callOff = this.#clock.after(ms, () => end('too-late'));
      this.#waiting.add(waiting);
    });
  }

  /** Nobody waits any longer. */
  sendAway(): void {
    for (const waiting of [...this.#waiting]) waiting.end('sent-away');
  }
}
