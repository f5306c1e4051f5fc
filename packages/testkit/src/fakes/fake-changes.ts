import type { Change, Changes } from '@postern/contract';

/** `Changes` within one test. */
export class FakeChanges implements Changes {
  /** Everything that was announced, in order. */
  readonly announced: Change[] = [];
  readonly #hearers = new Set<{ readonly hear: (change: Change) => void }>();

  announce(change: Change): void {
    this.announced.push(change);
    for (const { hear } of [...this.#hearers]) hear(change);
  }

  follow(hear: (change: Change) => void): () => void {
    const hearer = { hear };
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }
}
