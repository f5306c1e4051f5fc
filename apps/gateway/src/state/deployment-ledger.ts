import type { Clock, Health, Ledger, LedgerEntry, LedgerEvent, Log } from '@postern/contract';
import { keepsLedger, quietLedger, type ResolvedConfig } from '@postern/kernel';
import { Book } from '@postern/ledger';
import type { MetricsRegistry } from '../metrics/metrics-registry.js';

export interface DeploymentLedgerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
}

/** Milliseconds that a start waits for the book; it is opened in the background then. */
const patienceMs = 2000;

/**
 * The book of a migration, as long as the config wants one. One for the process and not for a generation: what is noted and who follows
 * must outlive the reload that goes from one phase to the next.
 */
export class DeploymentLedger implements Ledger {
  readonly #parts: DeploymentLedgerParts;
  readonly #hearers = new Set<{ readonly hear: (event: LedgerEvent) => void }>();
  #book: Book | undefined;
  #url: string | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: DeploymentLedgerParts) {
    this.#parts = parts;
  }

  note(event: LedgerEvent): void {
    if (this.#book === undefined) this.#tell(event);
    else this.#book.note(event);
  }

  async keep(event: LedgerEvent, signal: AbortSignal): Promise<void> {
    if (this.#book !== undefined) return this.#book.keep(event, signal);
    if (this.#url !== undefined) throw new Error('the migration ledger is not open');
    this.#tell(event);
  }

  follow(hear: (event: LedgerEvent) => void): () => void {
    const hearer = { hear };
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }

  find(user: string, signal: AbortSignal): Promise<LedgerEntry | undefined> {
    return (this.#book ?? quietLedger).find(user, signal);
  }

  /**
   * Opens, keeps, changes or closes the book as a config wants it: before the first generation is made, and after each that took over.
   * Never rejects: a book that cannot be reached is opened later.
   */
  serve(config: ResolvedConfig): Promise<void> {
    const url = keepsLedger(config) ? config.core.migration.ledger.address.text : undefined;
    this.#turn = this.#turn.then(() => this.#change(url));
    return this.#turn;
  }

  /** Undefined where no book is kept. */
  health(): Promise<Health> | undefined {
    return this.#book?.health();
  }

  /** Writes what waits. Never rejects. */
  async close(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#change(undefined));
    await this.#turn;
  }

  async #change(url: string | undefined): Promise<void> {
    if (url === this.#url) return;
    const before = this.#book;
    this.#url = url;
    this.#book = undefined;
    try {
      if (url !== undefined) await this.#open(url);
    } catch (error) {
      this.#parts.log.error('the migration ledger cannot be opened', { why: error instanceof Error ? error.message : 'unknown trouble' });
    }
    await before?.stop().catch(() => undefined);
  }

  async #open(url: string): Promise<void> {
    const { clock, log, metrics } = this.#parts;
    const book = new Book({ url, clock, log, metrics: metrics.forInstance('migration') });
    book.follow((event) => this.#tell(event));
    this.#book = book;
    const late = new AbortController();
    const callOff = clock.after(patienceMs, () => late.abort(new Error('the ledger takes long to open')));
    await book.start(late.signal);
    callOff();
  }

  #tell(event: LedgerEvent): void {
    for (const { hear } of [...this.#hearers]) {
      try {
        hear(event);
      } catch (error) {
        this.#parts.log.error('a follower of the migration ledger failed', { error });
      }
    }
  }
}
