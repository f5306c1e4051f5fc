/** A map that forgets what was written longest ago when it is full. */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #most: number;

  /** `most`: entries, at least 1. */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#most) return;
    for (const [oldest] of this.#values) {
      this.#values.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }
}
