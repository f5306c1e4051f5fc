import type { Clock } from '@postern/contract';

/** A clock that knows which of its timers were neither called off nor ran. */
export class CountedClock implements Clock {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    let over = false;
    const end = (): void => {
      if (!over) this.#pending -= 1;
      over = true;
    };
    this.#pending += 1;
    const callOff = this.#clock.after(ms, () => {
      end();
      run();
    });
    return () => {
      end();
      callOff();
    };
  }
}

/** What stays behind in the process when an instance is stopped; looked at before and after. */
export class Leftovers {
  readonly #before = listenerCounts();

  /** In words; empty when nothing stayed. */
  since(clock: CountedClock): readonly string[] {
    const grown = [...listenerCounts()].flatMap(([event, count]) => {
      const more = count - (this.#before.get(event) ?? 0);
      return more > 0 ? [`${more} listener${more === 1 ? '' : 's'} of process for ${event}`] : [];
    });
    const timers = clock.pending === 0 ? [] : [`${clock.pending} timer${clock.pending === 1 ? '' : 's'} of services.clock`];
    return [...grown, ...timers];
  }
}

const listenerCounts = (): ReadonlyMap<string, number> =>
  new Map(process.eventNames().map((event) => [String(event), process.listenerCount(event as 'exit')]));
