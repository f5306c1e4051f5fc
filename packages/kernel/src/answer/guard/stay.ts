import type { Clock } from '@postern/contract';
import { OutOfTime } from '../deadline.js';
import type { Line } from './line.js';

/** One login at a router or policy: it holds a place and its time runs, except while it waits for somebody else. */
export class Stay {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #ms: number;
  #left: number;
  #since: number;
  #away = 0;
  #over = false;
  #callOff: () => void = () => undefined;
  #expire: ((cause: OutOfTime) => void) | undefined;

  /** A place has been taken in `line`. */
  constructor(line: Line, clock: Clock, ms: number) {
    this.#line = line;
    this.#clock = clock;
    this.#ms = ms;
    this.#left = ms;
    this.#since = clock.monotonic();
    this.#run();
  }

  /** Waits for `work`, and rejects with `OutOfTime` when the stay's own time is over. What comes later is dropped. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#expire = reject;
      Promise.resolve(work).then(resolve, reject);
    });
  }

  /** Somebody else works: the time stands still and the place is free. Coming back waits for no place. */
  async away<T>(work: () => Promise<T>): Promise<T> {
    this.#go();
    try {
      return await work();
    } finally {
      this.#comeBack();
    }
  }

  /** Gives the place back; however often it is called. */
  leave(): void {
    if (this.#over) return;
    if (this.#away === 0) this.#stop();
    this.#over = true;
  }

  #go(): void {
    this.#away += 1;
    if (this.#away === 1 && !this.#over) this.#stop();
  }

  #comeBack(): void {
    this.#away -= 1;
    if (this.#away > 0 || this.#over) return;
    this.#line.enter(true);
    this.#since = this.#clock.monotonic();
    this.#run();
  }

  #run(): void {
    this.#callOff = this.#clock.after(this.#left, () => this.#expire?.(new OutOfTime(this.#ms)));
  }

  #stop(): void {
    this.#callOff();
    const took = this.#clock.monotonic() - this.#since;
    this.#left = Math.max(0, this.#left - took);
    this.#line.leave(took);
  }
}
