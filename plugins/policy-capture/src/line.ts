import type { Clock, Log } from '@postern/contract';
import { within } from './patience.js';

/** Something to do for a user that no login waits for. */
export interface Errand {
  readonly user: string;
  /** Of two that wait for one user, the one with the higher number stays. */
  readonly order: number;
  /** Must end soon after `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** It will not be run. */
  dropped(): void;
}

export interface LineRules {
  readonly perSecond: number;
  readonly atOnce: number;
  readonly waiting: number;
}

export interface LineParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: LineRules;
  /** Hears how many wait. */
  readonly waiting: (errands: number) => void;
}

/** Longer than any store's own time-out, the wait behind logins included. */
const longestMs = 15_000;
/** What a stop waits for an errand that is under way. */
const patienceMs = 2000;

/**
 * Errands one after the other, so many in a second and so many at once, and never two of one user at the same time. What does not
 * find room is dropped: the next login brings it again.
 */
export class Line {
  readonly #parts: LineParts;
  readonly #waiting = new Map<string, Errand>();
  readonly #running = new Map<string, Promise<void>>();
  #life = new AbortController();
  #open = false;
  /** Monotonic milliseconds before which none begins. */
  #notBefore = 0;
  #callOff: (() => void) | undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#open) return;
    this.#life = new AbortController();
    this.#open = true;
  }

  put(errand: Errand): void {
    const before = this.#waiting.get(errand.user);
    const hasRoom = before !== undefined || this.#waiting.size < this.#parts.rules.waiting;
    if (!this.#open || !hasRoom || (before !== undefined && before.order > errand.order)) return errand.dropped();
    before?.dropped();
    this.#waiting.set(errand.user, errand);
    this.#told();
    this.#next();
  }

  /** Drops what waits; gives what is under way some time, then aborts it. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#open = false;
    this.#callOff?.();
    this.#callOff = undefined;
    for (const errand of this.#waiting.values()) errand.dropped();
    this.#waiting.clear();
    this.#told();
    const all = Promise.all(this.#running.values());
    await within(this.#parts.clock, patienceMs, signal, () => all).catch(() => undefined);
    this.#life.abort(new Error('the policy was stopped'));
  }

  #next(): void {
    const { clock, rules } = this.#parts;
    while (this.#open && this.#running.size < rules.atOnce) {
      const errand = this.#first();
      if (errand === undefined) return;
      const now = clock.monotonic();
      if (now < this.#notBefore) return this.#wake(this.#notBefore - now);
      this.#notBefore = now + 1000 / rules.perSecond;
      this.#begin(errand);
    }
  }

  #first(): Errand | undefined {
    for (const errand of this.#waiting.values()) if (!this.#running.has(errand.user)) return errand;
    return undefined;
  }

  #wake(ms: number): void {
    this.#callOff ??= this.#parts.clock.after(ms, () => {
      this.#callOff = undefined;
      this.#next();
    });
  }

  #begin(errand: Errand): void {
    this.#waiting.delete(errand.user);
    this.#told();
    const life = this.#life.signal;
    const run = within(this.#parts.clock, longestMs, life, (signal) => errand.run(signal))
      .catch((cause: unknown) => this.#parts.log.warn('an errand of the capture failed', { cause }))
      .finally(() => {
        this.#running.delete(errand.user);
        this.#next();
      });
    this.#running.set(errand.user, run);
  }

  #told(): void {
    this.#parts.waiting(this.#waiting.size);
  }
}
