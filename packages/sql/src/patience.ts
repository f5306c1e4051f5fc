import type { Waiting } from '@postern/pool';
import type { Deadlines } from './deadlines.js';
import { GivenUp, TooLate } from './failure.js';

export interface PatienceParts {
  /** The one who asked; its abort ends the patience with `GivenUp`. */
  readonly signal: AbortSignal;
  /** Ends it with `TooLate`. */
  readonly deadlines: Deadlines;
  /** Words for `TooLate`. */
  readonly tooLate: string;
}

/**
 * How long one question is waited for. What an `AbortSignal` with a time-out would do, at a fraction of its price: every login
 * pays it.
 */
export class Patience implements Waiting {
  readonly #parts: PatienceParts;
  readonly #callOff: () => void;
  readonly #giveUp = (): void => this.#end(new GivenUp('the login was given up'));
  #reason: Error | undefined;
  #onEnd: ((reason: Error) => void) | undefined;
  #controller: AbortController | undefined;

  /** Begins at once; `dispose` must follow. Throws `GivenUp` when the signal has aborted already. */
  constructor(parts: PatienceParts) {
    const { signal, deadlines, tooLate } = parts;
    if (signal.aborted) throw new GivenUp('the login was given up');
    this.#parts = parts;
    signal.addEventListener('abort', this.#giveUp);
    this.#callOff = deadlines.begin(() => this.#end(new TooLate(tooLate, true)));
  }

  /** Why it ended; undefined while it lasts. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** For those who need a signal; made when it is first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** `work`, or the reason as soon as the patience ends; `onEnd` is called first then, and what comes later is dropped. One at a time. */
  wait<T>(work: Promise<T>, onEnd: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onEnd = (reason) => {
        onEnd();
        reject(reason);
      };
      work.then(resolve, reject);
      if (this.#reason !== undefined) this.#onEnd(this.#reason);
    });
  }

  /** Calls `run` once if it ends; the returned function calls that off. One at a time, `wait` included. */
  whenOver(run: (reason: Error) => void): () => void {
    this.#onEnd = run;
    return () => {
      this.#onEnd = undefined;
    };
  }

  dispose(): void {
    this.#onEnd = undefined;
    this.#callOff();
    this.#parts.signal.removeEventListener('abort', this.#giveUp);
  }

  #end(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onEnd?.(reason);
  }
}

/** Runs `body` with patience; what `body` throws after that has ended is the reason. */
export const withPatience = async <T>(parts: PatienceParts, body: (patience: Patience) => Promise<T>): Promise<T> => {
  const patience = new Patience(parts);
  try {
    return await body(patience);
  } catch (error) {
    throw patience.reason ?? error;
  } finally {
    patience.dispose();
  }
};

/** `work`, or the signal's reason as soon as it aborts. What comes later is dropped. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
