import { availableParallelism } from 'node:os';

/** There are more checks waiting than could be answered in time. Stores let it pass: it becomes *deferred*. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy';
  /** Too much to do is no outage: whoever watches over stores tells them apart by this. */
  readonly overloaded = true;

  constructor() {
    super('too many password checks are waiting');
  }
}

interface Waiting {
  readonly begin: () => void;
}

export interface GateRules {
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** Milliseconds that somebody may have to wait, going by how long the tasks take. Default: any. */
  readonly longestWaitMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** What one task counts for in the average of all. */
const weight = 0.1;

/**
 * Lets so many tasks run at once, so many wait in order of arrival, and turns the rest away: also those whose turn would come too late,
 * since with everybody waiting until there is no time left, the work is done for nobody.
 */
export class Gate {
  readonly #rules: GateRules;
  readonly #now: () => number;
  #running = 0;
  #usualMs = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(rules: GateRules) {
    this.#rules = rules;
    this.#now = rules.now ?? (() => performance.now());
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Rejects with `PasswordsBusy`, or with the signal's reason if it aborts before the task began. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#running >= this.#rules.atOnce) await this.#turn(signal);
    else this.#running += 1;
    const began = this.#now();
    try {
      return await task();
    } finally {
      this.#usualMs += weight * (this.#now() - began - this.#usualMs);
      this.#next();
    }
  }

  /** A place is handed over from one task to the next, so `#running` stays as it is. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#running -= 1;
    else first.begin();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    const { atOnce, mostWaiting, longestWaitMs = Infinity } = this.#rules;
    const expectedMs = ((this.#waiting.size + 1) * this.#usualMs) / atOnce;
    if (this.#waiting.size >= mostWaiting || expectedMs > longestWaitMs) return Promise.reject(new PasswordsBusy());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const waiting: Waiting = {
        begin: () => {
          leave();
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/** The libraries compute on libuv's threads, which files and name lookups share: one is always left to those. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);

/**
 * One gate for the process, as there is one pool of threads. A core is left to the event loop where there is more than one:
 * with all of them busy, cheap logins were measured to wait for tens of milliseconds.
 */
export const heavyChecks = new Gate({
  atOnce: Math.max(1, Math.min(availableParallelism() - 1, threads - 1)),
  mostWaiting: 256,
  // Well within the usual deadline of 5 s, which stores share.
  longestWaitMs: 2000,
});
