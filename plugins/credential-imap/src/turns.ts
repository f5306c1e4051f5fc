/** Lets only so many in at once; the others wait in line. */
export class Turns {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whoever comes now need not wait. */
  get free(): boolean {
    return this.#taken < this.#limit;
  }

  /** Nobody is in and nobody waits. */
  get idle(): boolean {
    return this.#taken === 0 && this.#waiting.size === 0;
  }

  /** Waits for a turn; the returned function ends it, once. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free) this.#taken += 1;
    else await this.#inLine(signal);
    let over = false;
    return () => {
      if (!over) this.#pass();
      over = true;
    };
  }

  #inLine(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  /** The turn goes to the next in line, or back. */
  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
