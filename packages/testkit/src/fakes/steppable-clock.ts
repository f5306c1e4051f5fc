import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@postern/contract';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class SteppableClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: Timer[] = [];

  /** `now`: milliseconds since 1970 to begin with. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Timers that are set and neither ran nor were called off. */
  get pending(): number {
    return this.#timers.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` milliseconds pass; due timers run in order, those that they set included. Between two timers, promises settle. */
  async step(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await setImmediate();
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#moveTo(due.at);
      due.run();
      await setImmediate();
    }
    this.#moveTo(end);
  }

  /** The wall clock jumps, as NTP or an operator makes it; the monotonic one does not notice. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Timer | undefined {
    const [first] = this.#timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at);
    this.#timers = this.#timers.filter((timer) => timer !== first);
    return first;
  }

  #moveTo(moment: number): void {
    if (moment <= this.#monotonic) return;
    this.#now += moment - this.#monotonic;
    this.#monotonic = moment;
  }
}
