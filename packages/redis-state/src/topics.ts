/** Hearers by topic. */
export class Topics {
  readonly #hearers = new Map<string, Set<(message: string) => void>>();

  /** The returned function ends it. The same hearer may subscribe twice. */
  subscribe(topic: string, hear: (message: string) => void): () => void {
    const hearers = this.#hearers.get(topic) ?? new Set();
    this.#hearers.set(topic, hearers);
    const own = (message: string): void => hear(message);
    hearers.add(own);
    return () => {
      hearers.delete(own);
      if (hearers.size === 0 && this.#hearers.get(topic) === hearers) this.#hearers.delete(topic);
    };
  }

  /** One hearer's fault is not the others', and nobody here could do anything about it. */
  tell(topic: string, message: string): void {
    for (const hear of [...(this.#hearers.get(topic) ?? [])]) {
      try {
        hear(message);
      } catch {
        // Whoever hears answers for what it does with it.
      }
    }
  }
}
