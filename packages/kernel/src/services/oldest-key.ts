/**
 * Finds the key of a map that has been there for longest, again and again, for whoever takes each one out. To begin anew each time would
 * walk over the gaps that all those before left in the map.
 */
export class OldestKey<K> {
  readonly #map: ReadonlyMap<K, unknown>;
  #keys: Iterator<K>;

  constructor(map: ReadonlyMap<K, unknown>) {
    this.#map = map;
    this.#keys = map.keys();
  }

  /** Undefined: the map is empty. The key must be deleted from the map before the next call. */
  find(): K | undefined {
    const next = this.#keys.next();
    if (next.done !== true) return next.value;
    // An iterator that reached the end stays there.
    this.#keys = this.#map.keys();
    const first = this.#keys.next();
    return first.done === true ? undefined : first.value;
  }
}
