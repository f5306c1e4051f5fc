import { expect } from '@jest/globals';
import type { SteppableClock } from '@postern/testkit';
import type { FakeConnection } from './fake-connection.js';

export const idleMs = 1000;

/** How long connections lay idle: closed in time, and not too early; under one timer. */
export class Rest {
  readonly #clock: SteppableClock;
  /** When it was first seen to be used by nobody. */
  readonly #since = new Map<FakeConnection, number>();

  constructor(clock: SteppableClock) {
    this.#clock = clock;
  }

  /** `unused`: open, and nobody has it. */
  check(unused: readonly FakeConnection[], stopped: boolean): void {
    const now = this.#clock.monotonic();
    for (const connection of unused) if (!this.#since.has(connection)) this.#since.set(connection, now);
    for (const [connection, since] of this.#since) {
      if (unused.includes(connection)) expect(now - since).toBeLessThan(idleMs);
      else {
        if (connection.ended > 0 && !stopped) expect(now - since).toBeGreaterThanOrEqual(idleMs);
        this.#since.delete(connection);
      }
    }
    expect(this.#clock.pending).toBeLessThanOrEqual(stopped ? 0 : 1);
  }
}
