import type { Clock } from '@postern/contract';

/** There was no answer in time. Says nothing about anybody. */
export class TooLate extends Error {
  override readonly name = 'TooLate';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * Asks with a signal that aborts after `ms` milliseconds, or as soon as `outer` does. Rejects then at once, whether or not the one who
 * is asked listens; what comes later is dropped.
 */
export const within = async <T>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  outer: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  outer.throwIfAborted();
  const giveUp = new AbortController();
  const follow = (): void => giveUp.abort(outer.reason);
  const callOff = clock.after(ms, () => giveUp.abort(new TooLate(ms)));
  outer.addEventListener('abort', follow, { once: true });
  try {
    return await unlessAborted(ask(giveUp.signal), giveUp.signal);
  } finally {
    callOff();
    outer.removeEventListener('abort', follow);
  }
};

/** The promise, or a rejection with the signal's reason if that comes first. */
export const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const give = (): void => reject(signal.reason as Error);
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    promise.finally(() => signal.removeEventListener('abort', give)).then(resolve, reject);
  });
