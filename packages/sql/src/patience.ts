import type { Clock } from '@postern/contract';
import { GivenUp, TooLate } from './failure.js';

/**
 * Runs `body` with a signal that aborts when the given one does (reason: `GivenUp`) or after `ms` (reason: `TooLate`
 * with these words). Whatever `body` throws after that, the reason is thrown.
 */
export const withPatience = async <T>(
  { signal, ms, clock, tooLate }: { readonly signal: AbortSignal; readonly ms: number; readonly clock: Clock; readonly tooLate: string },
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const own = new AbortController();
  const giveUp = (): void => own.abort(new GivenUp('the login was given up'));
  if (signal.aborted) throw new GivenUp('the login was given up');
  signal.addEventListener('abort', giveUp);
  const callOff = clock.after(ms, () => own.abort(new TooLate(tooLate, true)));
  try {
    return await body(own.signal);
  } catch (error) {
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    callOff();
    signal.removeEventListener('abort', giveUp);
  }
};

/** `promise`, or the signal's reason as soon as it aborts; then `onAbort` is called first. What comes later is dropped. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal, onAbort: () => void): Promise<T> => {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      onAbort();
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
};
