import { setMaxListeners } from 'node:events';
import type { Verdict } from '@postern/contract';

/** One question that is being asked for all who wait for the same answer. */
export class Flight {
  /** Of the password that is asked about. */
  readonly proof: string;
  /** When it was put, in the clock's monotonic milliseconds. */
  readonly startedAt: number;
  /** True once something was learnt meanwhile that its yes may contradict. */
  doomed = false;
  readonly #life = new AbortController();
  readonly #abandoned: () => void;
  #verdict: Promise<Verdict> | undefined;
  #waiting = 0;

  /** `abandoned` is called when nobody waits any more, before its question is called off. */
  constructor(proof: string, startedAt: number, abandoned: () => void) {
    this.proof = proof;
    this.startedAt = startedAt;
    this.#abandoned = abandoned;
    // Each store that is asked may listen; Node takes more than ten listeners for a leak and says so.
    setMaxListeners(0, this.#life.signal);
  }

  /** Puts the question; `ask` must not reject. Once. */
  begin(ask: (signal: AbortSignal) => Promise<Verdict>): void {
    this.#verdict = ask(this.#life.signal);
  }

  /** Its verdict; rejects with the signal's reason as soon as that aborts, which ends nobody else's waiting. */
  join(signal: AbortSignal): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason as Error);
        this.#waiting -= 1;
        if (this.#waiting > 0) return;
        this.#abandoned();
        this.#life.abort(signal.reason);
      };
      const land = (verdict: Verdict): void => {
        signal.removeEventListener('abort', leave);
        resolve(verdict);
      };
      this.#waiting += 1;
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      void this.#verdict?.then(land);
    });
  }
}
