import type { Ledger, LedgerEntry, LedgerEvent } from '@postern/contract';

/** A `Ledger` within one test. */
export class FakeLedger implements Ledger {
  /** Everything that was noted, in order. */
  readonly noted: LedgerEvent[] = [];
  /** What `find` knows; a test fills it. */
  readonly entries = new Map<string, LedgerEntry>();
  /** Set: `find` and `keep` reject with it. */
  trouble: Error | undefined;

  readonly #hearers = new Set<{ readonly hear: (event: LedgerEvent) => void }>();

  note(event: LedgerEvent): void {
    this.noted.push(event);
    for (const { hear } of [...this.#hearers]) hear(event);
  }

  async keep(event: LedgerEvent): Promise<void> {
    await Promise.resolve();
    if (this.trouble !== undefined) throw this.trouble;
    this.note(event);
  }

  follow(hear: (event: LedgerEvent) => void): () => void {
    const hearer = { hear };
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }

  async find(user: string): Promise<LedgerEntry | undefined> {
    await Promise.resolve();
    if (this.trouble !== undefined) throw this.trouble;
    return this.entries.get(user);
  }
}
