import type { Clock } from '@postern/contract';
import type { KeptBan } from './ban-text.js';

/** Each one costs an attacker as many wrong passwords as the limit allows. */
const most = 20_000;

interface Kept {
  readonly ban: KeptBan;
  /** The clock's monotonic milliseconds. */
  readonly until: number;
}

/** The bans that this process knows of. What crowds the shared state, or takes it away, does not lift them. */
export class LocalBans {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** Those that ended included until `prune`. */
  get size(): number {
    return this.#kept.size;
  }

  get(id: string): KeptBan | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.until > this.#clock.monotonic()) return kept?.ban;
    this.#kept.delete(id);
    return undefined;
  }

  add(ban: KeptBan): void {
    const leftMs = ban.until - this.#clock.now();
    if (leftMs <= 0) return;
    this.#kept.set(ban.id, { ban, until: this.#clock.monotonic() + leftMs });
    if (this.#kept.size > most) this.#makeRoom();
  }

  delete(id: string): void {
    this.#kept.delete(id);
  }

  list(): readonly KeptBan[] {
    this.prune();
    return [...this.#kept.values()].map(({ ban }) => ban);
  }

  prune(): void {
    const now = this.#clock.monotonic();
    for (const [id, { until }] of this.#kept) if (until <= now) this.#kept.delete(id);
  }

  /** A sixteenth at once, those that end soonest: sorting for each of them would cost more than the login. */
  #makeRoom(): void {
    this.prune();
    const soonest = [...this.#kept].sort(([, one], [, other]) => one.until - other.until);
    for (const [id] of soonest.slice(0, Math.max(0, this.#kept.size - most + most / 16))) this.#kept.delete(id);
  }
}
