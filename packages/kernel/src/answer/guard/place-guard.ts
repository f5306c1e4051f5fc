import type { Ask, Clock } from '@postern/contract';
import { OutOfTime } from '../deadline.js';
import { HeldBack } from './held-back.js';
import { Line } from './line.js';
import { Stay } from './stay.js';

/** What one router or policy may take of the gateway. */
export interface PlaceLimits {
  /** So many logins that it is working on at once. */
  readonly concurrency: number;
  readonly queue: number;
  /** Milliseconds of its own work for one login. */
  readonly timeoutMs: number;
}

export interface PlaceGuardParts {
  /** The instance's. */
  readonly name: string;
  readonly limits: PlaceLimits;
  readonly clock: Clock;
}

/** Stands before one router or policy: so many logins at once, so many waiting, and a time-out of its own for each. */
export class PlaceGuard {
  readonly #parts: PlaceGuardParts;
  readonly #line: Line;

  constructor(parts: PlaceGuardParts) {
    this.#parts = parts;
    this.#line = new Line(parts.limits, parts.clock);
  }

  /** Logins that it is working on. */
  get inside(): number {
    return this.#line.inside;
  }

  /** Rejects with what `work` rejects with, with `HeldBack` when there is no place, with `OutOfTime` when it takes too long. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const stay = await this.#enter();
    try {
      return await stay.within(work());
    } finally {
      stay.leave();
    }
  }

  /** A policy put around `next`; what is further in takes neither of its time nor of its places. `undefined` as `put` gives it. */
  around(next: Ask, put: (inner: Ask) => Ask | undefined): Ask | undefined {
    const stays = new Map<string, Stay>();
    const policy = put((attempt, signal) => {
      const stay = stays.get(attempt.id);
      return stay === undefined ? next(attempt, signal) : stay.away(() => next(attempt, signal));
    });
    if (policy === undefined) return undefined;
    return async (attempt, signal) => {
      const stay = await this.#enter();
      stays.set(attempt.id, stay);
      try {
        return await stay.within(policy(attempt, signal));
      } finally {
        stays.delete(attempt.id);
        stay.leave();
      }
    };
  }

  async #enter(): Promise<Stay> {
    const { limits, clock, name } = this.#parts;
    if (this.#line.enter()) return new Stay(this.#line, clock, limits.timeoutMs);
    const began = clock.monotonic();
    const turn = await (this.#line.wait(limits.timeoutMs) ?? 'no-room');
    if (turn !== 'in') throw new HeldBack(`${name} has too many logins before this one`, true);
    const left = limits.timeoutMs - (clock.monotonic() - began);
    if (left > 0) return new Stay(this.#line, clock, left);
    this.#line.passOn();
    throw new OutOfTime(limits.timeoutMs);
  }
}
