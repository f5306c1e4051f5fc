import type { Clock } from '@postern/contract';

/**
 * Keeps a flood of equal events from becoming a flood of lines: each kind is said at once, then at most once per interval,
 * with how many were left out in between. Kinds come from a closed set.
 */
export class Rarely {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #kinds = new Map<string, { saidAt: number; leftOut: number }>();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Calls `say` or counts; `leftOut` is how many of this kind were not said since the last time. */
  say(kind: string, say: (leftOut: number) => void): void {
    const now = this.#clock.monotonic();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.saidAt < this.#everyMs) {
      known.leftOut += 1;
      return;
    }
    this.#kinds.set(kind, { saidAt: now, leftOut: 0 });
    say(known?.leftOut ?? 0);
  }
}
