import type { VictimName } from './victim.js';

interface Outage {
  readonly victim: VictimName;
  readonly from: number;
  to: number;
}

/** When which server was broken, or was coming back. Times are of one monotonic clock, in milliseconds. */
export class Outages {
  readonly #all: Outage[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  begin(victim: VictimName): void {
    this.#all.push({ victim, from: this.#now(), to: Infinity });
  }

  /** Logins work again. */
  end(victim: VictimName): void {
    for (const outage of this.#all) if (outage.victim === victim && outage.to === Infinity) outage.to = this.#now();
  }

  /** Whether one of these was out at some time between the two. */
  touch(victims: readonly VictimName[], from: number, to: number): boolean {
    return this.#all.some((outage) => victims.includes(outage.victim) && outage.from <= to && outage.to >= from);
  }
}
