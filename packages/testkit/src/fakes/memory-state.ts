import type { Clock, SharedState } from '@postern/contract';

interface Kept {
  readonly value: string;
  readonly until: number;
}

/** `SharedState` in this process's memory, on the clock it is given. */
export class MemoryState implements SharedState {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that are there now. */
  get keys(): readonly string[] {
    return [...this.#kept.keys()].filter((key) => this.#live(key) !== undefined);
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#live(key)?.value);
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#kept.set(key, { value, until: this.#clock.monotonic() + ttlMs });
    return Promise.resolve();
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    const before = this.#live(key);
    const value = Number(before?.value ?? 0) + by;
    this.#kept.set(key, { value: String(value), until: before?.until ?? this.#clock.monotonic() + ttlMs });
    return Promise.resolve(value);
  }

  delete(key: string): Promise<void> {
    this.#kept.delete(key);
    return Promise.resolve();
  }

  #live(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.until > this.#clock.monotonic() ? kept : undefined;
  }
}
