import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@postern/contract';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #elapsed = 0;
  #timers: Timer[] = [];

  now(): number {
    return 1_780_000_000_000 + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Runs what is due within `ms`, in order; promises settle in between. */
  async step(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let due = this.#due(end); due !== undefined; due = this.#due(end)) {
      this.#elapsed = Math.max(this.#elapsed, due.at);
      due.run();
      await settle();
    }
    this.#elapsed = end;
  }

  #due(end: number): Timer | undefined {
    const [first] = this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
    this.#timers = this.#timers.filter((timer) => timer !== first);
    return first;
  }
}

/** Lets promises that wait for nothing outside settle. */
export const settle = async (): Promise<void> => {
  for (let round = 0; round < 5; round++) await setImmediate();
};
