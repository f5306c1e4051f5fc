import { SteppableClock } from './steppable-clock.js';

/** Time that passes by itself, for stores that talk to real servers. Like the host's, its timers keep no process alive. */
export class LiveClock extends SteppableClock {
  readonly #timers = new Set<NodeJS.Timeout>();

  override now(): number {
    return Date.now();
  }

  override monotonic(): number {
    return performance.now();
  }

  override get pending(): number {
    return this.#timers.size;
  }

  override after(ms: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
}
