/** pino's levels, and `silent`. */
export type LogLevel = WrittenLevel | 'silent';

export type WrittenLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const order: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 };

/** One level for a log and all that descend from it; a reload may change it. pino's own level stays with each child. */
export class Threshold {
  #least: number;

  constructor(level: LogLevel) {
    this.#least = order[level];
  }

  set(level: LogLevel): void {
    this.#least = order[level];
  }

  admits(level: WrittenLevel): boolean {
    return order[level] >= this.#least;
  }
}
