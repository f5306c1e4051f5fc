import type { SharedState } from '@postern/contract';

const lastKey = 'last';
const lastMs = 10 * 365 * 86_400_000;
const slotKey = (number: number): string => `n:${number}`;
const batch = 100;
/** Ended and lifted ones leave gaps; beyond so many of them nobody looks. */
const maxLooked = 10_000;

/** The ids of a deployment's bans in the order in which they were made: a shared state cannot list its keys. */
export class BanLog {
  readonly #shared: SharedState;

  constructor(shared: SharedState) {
    this.#shared = shared;
  }

  async add(id: string, ttlMs: number): Promise<void> {
    const number = await this.#shared.increment(lastKey, 1, lastMs);
    await this.#shared.set(slotKey(number), id, ttlMs);
  }

  /** The youngest first, at most `most`; some may have ended. */
  async youngest(most: number): Promise<readonly string[]> {
    const last = Number((await this.#shared.get(lastKey)) ?? 0);
    const ids = new Set<string>();
    for (let from = last; from > Math.max(0, last - maxLooked) && ids.size < most; from -= batch) {
      const numbers = Array.from({ length: Math.min(batch, from) }, (_, index) => from - index);
      for (const id of await Promise.all(numbers.map((number) => this.#shared.get(slotKey(number))))) if (id !== undefined) ids.add(id);
    }
    return [...ids].slice(0, most);
  }
}
