import type { Clock } from '@postern/contract';

/** Counts what is under way, and tells when nothing is. */
export class InFlight {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#wake();
    }
  }

  /** Resolves when nothing is under way, or after `ms`; gives how much still is. */
  async drained(ms: number): Promise<number> {
    if (this.#count > 0) await this.#idle(ms);
    return this.#count;
  }

  #idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        callOff();
        resolve();
      };
      const callOff = this.#clock.after(ms, done);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}
