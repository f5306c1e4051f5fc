import type { Clock } from '@postern/contract';

/** Node fires timers beyond this at once. */
const longestMs = 2 ** 31 - 1;

/** The machine's time. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, run: () => void): () => void {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(Math.max(left, 0), longestMs);
      timer = setTimeout(() => (left > step ? arm(left - step) : run()), step).unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  }
}
