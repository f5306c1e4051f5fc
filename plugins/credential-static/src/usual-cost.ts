/** Finds out what most stored passwords cost to check. */
export class UsualCost {
  readonly #seen = new Map<string, { count: number; readonly stored: string }>();

  /** `cost` as `examine` tells it; undefined for a text that cannot be checked. */
  note(cost: string | undefined, stored: string): void {
    if (cost === undefined) return;
    const known = this.#seen.get(cost);
    if (known === undefined) this.#seen.set(cost, { count: 1, stored });
    else known.count += 1;
  }

  /** One stored text of the most frequent cost; the first seen, if several are as frequent. */
  get stored(): string | undefined {
    const [most] = [...this.#seen.values()].sort((one, other) => other.count - one.count);
    return most?.stored;
  }
}
