import type { Clock, Health, Ledger, LedgerEntry, LedgerEvent, Lifecycle, Log, Metrics } from '@postern/contract';
import { StatementFailed } from '@postern/sql';
import { BookMeters } from './book-meters.js';
import { Keeping } from './keeping.js';
import { NoteBuffer, userOf, type Batch } from './note-buffer.js';
import { Shelf } from './shelf.js';
import { storedName } from './stored-name.js';
import { entryOf, type UserNotes } from './user-notes.js';

export interface BookParts {
  /** `postgres://…`, `mysql://…` or `sqlite:PATH`, an absolute path. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const writeEveryMs = 1000;
const writeFrom = 500;
const limits = { most: 10_000, batch: 500 };
const longestBackOffMs = 30_000;
/** A statement that fails as often as this does not come right: what it carries goes, so that what is behind it arrives. */
const triesAtStatement = 8;
const stopMs = 2000;

/** The book of a migration, written from one process. What cannot be written waits; the oldest goes when too much does. */
export class Book implements Ledger, Lifecycle {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #shelf: Shelf;
  readonly #buffer = new NoteBuffer(limits);
  readonly #keeping = new Keeping();
  readonly #meters: BookMeters;
  readonly #hearers = new Set<{ readonly hear: (event: LedgerEvent) => void }>();
  #batch: Batch | undefined;
  #tries = 0;
  #writing: Promise<void> | undefined;
  #callOff: (() => void) | undefined;
  #opened = false;
  #trouble: string | undefined;
  #stopped = false;

  /** Throws when the URL cannot be understood. Opens nothing. */
  constructor({ url, clock, log, metrics }: BookParts) {
    this.#clock = clock;
    this.#log = log;
    this.#shelf = new Shelf({ url, clock, log });
    this.#meters = new BookMeters(metrics, log);
  }

  /** Resolves also when the book cannot be reached: that is no reason to keep logins waiting. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await this.#shelf.prepare(signal);
      this.#rise();
    } catch (error) {
      this.#fall(error);
      this.#schedule(writeEveryMs);
    }
  }

  note(event: LedgerEvent): void {
    this.#buffer.note(event, this.#clock.now());
    for (const { hear } of [...this.#hearers]) this.#tell(hear, event);
    if (this.#stopped || this.#writing !== undefined || this.#trouble !== undefined) return;
    if (this.#buffer.events >= writeFrom) this.#write();
    else this.#schedule(writeEveryMs);
  }

  /** Rejects at once while the book cannot be written, and as soon as it shows that it cannot. */
  keep(event: LedgerEvent, signal: AbortSignal): Promise<void> {
    const name = storedName(userOf(event));
    if (name === undefined) return Promise.reject(new Error('the ledger cannot keep a user of that name'));
    if (this.#trouble !== undefined) return Promise.reject(new Error(`the ledger cannot be written: ${this.#trouble}`));
    if (this.#stopped) return Promise.reject(new Error('the ledger is closed'));
    this.note(event);
    const notes = this.#buffer.find(name);
    if (notes === undefined) return Promise.reject(new Error('the ledger keeps nothing of such an event'));
    const kept = this.#keeping.of(notes, signal);
    this.#write();
    return kept;
  }

  follow(hear: (event: LedgerEvent) => void): () => void {
    const hearer = { hear };
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }

  async find(user: string, signal: AbortSignal): Promise<LedgerEntry | undefined> {
    const name = storedName(user);
    if (name === undefined) return undefined;
    // What is being written now may arrive while the book is read, and be seen in neither place.
    const before = this.#notesOf(name);
    const known = await this.#shelf.find(name, signal);
    const notes = [...before, ...this.#notesOf(name)];
    const record = notes.reduce((found, each) => each.over(found), known);
    return record === undefined ? undefined : entryOf(record);
  }

  health(): Promise<Health> {
    const note = this.#trouble ?? (this.#opened ? undefined : 'it is being opened');
    return Promise.resolve(note === undefined ? { status: 'up' } : { status: 'degraded', note });
  }

  /** Writes what waits, for two seconds at most; then what is left is lost, and the log says how much. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    const late = new AbortController();
    const callOff = this.#clock.after(stopMs, () => late.abort(new Error('stopping')));
    await Promise.race([this.#writing, aborted(late.signal)]);
    await this.#writeAll(late.signal);
    callOff();
    this.#meters.report(this.#buffer);
    const left = this.#buffer.size + (this.#batch === undefined ? 0 : this.#batch.users.size + this.#batch.tallies.length);
    this.#keeping.fail(new Error('the ledger is closed'));
    if (left > 0) this.#log.error('the migration ledger could not be written to the end', { lost: left });
    await this.#shelf.close(late.signal);
  }

  #notesOf(name: string): readonly UserNotes[] {
    return [this.#batch?.users.get(name), this.#buffer.find(name)].filter((notes) => notes !== undefined);
  }

  #tell(hear: (event: LedgerEvent) => void, event: LedgerEvent): void {
    try {
      hear(event);
    } catch (error) {
      this.#log.error('a follower of the migration ledger failed', { error });
    }
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    this.#callOff ??= this.#clock.after(ms, () => this.#write());
  }

  #write(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#writing !== undefined || this.#stopped) return;
    const never = new AbortController();
    this.#writing = this.#writeAll(never.signal).then(() => {
      this.#writing = undefined;
      this.#meters.report(this.#buffer);
      if (this.#trouble !== undefined) this.#schedule(Math.min(writeEveryMs * 2 ** Math.max(0, this.#tries - 1), longestBackOffMs));
      else if (this.#keeping.some) this.#write();
      else if (this.#buffer.size > 0) this.#schedule(writeEveryMs);
    });
  }

  /** Until nothing waits, or a batch cannot be written. Never rejects. */
  async #writeAll(signal: AbortSignal): Promise<void> {
    if (this.#trouble !== undefined && this.#batch === undefined && this.#buffer.size === 0) return this.#look(signal);
    for (this.#batch ??= this.#buffer.take(); this.#batch !== undefined && !signal.aborted; this.#batch = this.#buffer.take()) {
      if (!(await this.#writeOne(this.#batch, signal))) return;
      this.#tries = 0;
    }
  }

  /** Whether the book can be reached again, when there is nothing to write. */
  async #look(signal: AbortSignal): Promise<void> {
    try {
      await this.#shelf.prepare(signal);
      this.#tries = 0;
      this.#rise();
    } catch (error) {
      this.#tries += 1;
      this.#fall(error);
    }
  }

  async #writeOne(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const size = batch.users.size + batch.tallies.length;
    try {
      await this.#shelf.write(batch, this.#tries > 0, signal);
      this.#meters.written(size);
      this.#rise();
      this.#keeping.written(batch);
      return true;
    } catch (error) {
      this.#tries += 1;
      this.#meters.failed();
      this.#shelf.doubt();
      this.#fall(error);
      if (!(error instanceof StatementFailed) || this.#tries < triesAtStatement) return false;
      this.#meters.givenUp(size, error.code);
      return true;
    }
  }

  #fall(error: unknown): void {
    const why = error instanceof Error ? error.message : 'unknown trouble';
    if (this.#trouble === undefined) this.#log.error('the migration ledger cannot be written; logins go on, what happens waits', { why });
    this.#trouble = why;
    this.#keeping.fail(new Error(`the ledger cannot be written: ${why}`));
  }

  #rise(): void {
    this.#opened = true;
    if (this.#trouble !== undefined) this.#log.info('the migration ledger is written again');
    this.#trouble = undefined;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
