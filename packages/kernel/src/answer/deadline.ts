import { setMaxListeners } from 'node:events';
import type { Clock } from '@postern/contract';

/** Somebody was asked and did not answer in time. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';

  constructor(ms: number, options?: ErrorOptions) {
    super(`no answer within ${Math.round(ms)} ms`, options);
  }
}

/**
 * Waits for `work`, but at most `ms` milliseconds, then rejects with `OutOfTime`. What comes later is dropped; a late rejection goes to
 * `late`, so that it is never an unhandled one. `told`: the signal that told the work of the end of its time; an error after that is how
 * it obeyed.
 */
export const withinTime = <T>(
  work: PromiseLike<T> | T,
  ms: number,
  clock: Clock,
  late: (cause: unknown) => void,
  told?: AbortSignal,
): Promise<T> =>
  new Promise((resolve, reject) => {
    let over = false;
    const callOff = clock.after(ms, () => {
      over = true;
      reject(new OutOfTime(ms));
    });
    Promise.resolve(work).then(
      (value) => {
        callOff();
        resolve(value);
      },
      (cause: unknown) => {
        if (over) return late(cause);
        callOff();
        reject(told?.aborted === true ? new OutOfTime(ms, { cause }) : asError(cause));
      },
    );
  });

/** Stops waiting for `work` when `signal` aborts, and rejects with its reason. What comes later is dropped. */
export const beforeAbort = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });

/** Plugins throw anything, even what cannot be looked at. */
const asError = (cause: unknown): Error => {
  try {
    if (cause instanceof Error) return cause;
  } catch {
    // What a proxy's trap threw says no more than the proxy itself.
  }
  return new Error('threw what is no error', { cause });
};

/**
 * Abort signals that belong to moments, not to attempts: everybody whose time ends in the same slice shares one.
 *
 * Making an AbortSignal costs more on Node 20 (5 µs) than all the rest of an answer, so there is one per slice of time and not one per
 * login. A signal fires up to one slice before the moment asked for, which lets a well-behaved plugin speak before the host stops
 * listening. A plugin that never takes its listeners off keeps them only until then.
 */
export class Moments {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #signals = new Map<number, AbortSignal>();

  constructor(clock: Clock, sliceMs: number) {
    this.#clock = clock;
    this.#sliceMs = Math.max(1, sliceMs);
  }

  /** A signal that is aborted at about `moment`, in the clock's monotonic milliseconds. */
  signalAt(moment: number): AbortSignal {
    const slice = Math.floor(moment / this.#sliceMs);
    return this.#signals.get(slice) ?? this.#open(slice, moment);
  }

  #open(slice: number, moment: number): AbortSignal {
    const now = this.#clock.monotonic();
    const start = slice * this.#sliceMs;
    // A moment within the current slice gets a signal of its own: the slice's would have fired already.
    if (start <= now) return this.#own(Math.max(0, moment - now));
    const controller = new AbortController();
    // Every login of the slice may listen; Node takes more than ten listeners for a leak and says so.
    setMaxListeners(0, controller.signal);
    this.#signals.set(slice, controller.signal);
    this.#clock.after(start - now, () => {
      this.#signals.delete(slice);
      controller.abort(new OutOfTime(start - now));
    });
    return controller.signal;
  }

  #own(ms: number): AbortSignal {
    const controller = new AbortController();
    this.#clock.after(ms, () => controller.abort(new OutOfTime(ms)));
    return controller.signal;
  }
}
