/** How long things may take, in milliseconds. */
export interface LifeLimits {
  /** Until a start is given up and tried again later. Default 60 000. */
  readonly startMs: number;
  /** At boot: until the next instance is started although this one is not done. Default 5000. */
  readonly patienceMs: number;
  /** For one `health` call. Default 2000. */
  readonly healthMs: number;
  /** For how long a health answer is good. Default 1000. */
  readonly healthCacheMs: number;
  /** For stopping all instances together. Default 10 000. */
  readonly stopMs: number;
}

export const defaultLimits: LifeLimits = { startMs: 60_000, patienceMs: 5000, healthMs: 2000, healthCacheMs: 1000, stopMs: 10_000 };
