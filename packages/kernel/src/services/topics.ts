/** Hearers by topic, within one process. */
export class Topics {
  readonly #hearers = new Map<string, Set<(message: string) => void>>();

  /** The returned function ends it. */
  subscribe(topic: string, hear: (message: string) => void): () => void {
    const hearers = this.#hearers.get(topic) ?? new Set();
    this.#hearers.set(topic, hearers);
    // A function of its own, so that the same hearer may subscribe twice.
    const own = (message: string): void => hear(message);
    hearers.add(own);
    return () => {
      hearers.delete(own);
      if (hearers.size === 0 && this.#hearers.get(topic) === hearers) this.#hearers.delete(topic);
    };
  }

  /** What a hearer throws does not keep the others from hearing; it is thrown when all have. */
  tell(topic: string, message: string): void {
    const faults: unknown[] = [];
    for (const hear of [...(this.#hearers.get(topic) ?? [])]) {
      try {
        hear(message);
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, 'a subscriber failed');
  }
}
