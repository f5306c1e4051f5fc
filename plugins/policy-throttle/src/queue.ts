import type { Clock } from '@postern/contract';

/** Those who wait for one place. More are not worth their connections. */
const mostPerPlace = 64;
/** Another process may have left the place: nobody tells, so they look again. */
const lookAgainMs = 50;

/** Logins that wait until others, whose answers are not known yet, have left a place. */
export class Queue {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Waits until it is worth looking again. False: too many are waiting already. Rejects when the login is given up. */
  async wait(place: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const others = this.#waiting.get(place) ?? new Set();
    if (others.size >= mostPerPlace) return false;
    this.#waiting.set(place, others);
    await new Promise<void>((go) => {
      const callOff = this.#clock.after(lookAgainMs, () => done());
      const done = (): void => {
        callOff();
        signal.removeEventListener('abort', done);
        others.delete(done);
        if (others.size === 0 && this.#waiting.get(place) === others) this.#waiting.delete(place);
        go();
      };
      others.add(done);
      signal.addEventListener('abort', done);
    });
    signal.throwIfAborted();
    return true;
  }

  /** Somebody has left. */
  wake(place: string): void {
    for (const done of [...(this.#waiting.get(place) ?? [])]) done();
  }
}
