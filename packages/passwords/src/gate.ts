import { availableParallelism } from 'node:os';

/** There are more checks waiting than could be answered in time. Stores let it pass: it becomes *deferred*. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy';

  constructor() {
    super('too many password checks are waiting');
  }
}

interface Waiting {
  readonly begin: () => void;
}

/** Lets so many tasks run at once, so many wait in order of arrival, and turns the rest away. */
export class Gate {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #running = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
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
    if (this.#running >= this.#atOnce) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await task();
    } finally {
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
    if (this.#waiting.size >= this.#mostWaiting) return Promise.reject(new PasswordsBusy());
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
export const heavyChecks = new Gate(Math.max(1, Math.min(availableParallelism() - 1, threads - 1)), 256);
