import type { Counter, Gauge, Log, Metrics } from '@postern/contract';
import type { NoteBuffer } from './note-buffer.js';

/** What operators see of the book: how much was written, how much waits, and what was lost. */
export class BookMeters {
  readonly #log: Log;
  readonly #notes: Counter;
  readonly #failures: Counter;
  readonly #waiting: Gauge;
  #told = { dropped: 0, unfit: 0 };

  constructor(metrics: Metrics, log: Log) {
    this.#log = log;
    const help = 'Users and counters of the migration ledger: written, dropped when too many waited, unfit to be kept.';
    this.#notes = metrics.counter({ name: 'ledger_notes_total', help, labels: ['result'] });
    this.#failures = metrics.counter({ name: 'ledger_failures_total', help: 'Tries to write the migration ledger that failed.' });
    this.#waiting = metrics.gauge({ name: 'ledger_waiting', help: 'Users and counters that wait to be written to the migration ledger.' });
  }

  written(size: number): void {
    this.#notes.inc({ result: 'written' }, size);
  }

  failed(): void {
    this.#failures.inc();
  }

  /** The database does not take them. `code`: its own word. */
  givenUp(size: number, code: string): void {
    this.#log.error('a part of the migration ledger is given up: the database does not take it', { lost: size, code });
    this.#notes.inc({ result: 'dropped' }, size);
  }

  /** What the buffer holds, and what it lost since this was called last. */
  report({ dropped, unfit, size }: Pick<NoteBuffer, 'dropped' | 'unfit' | 'size'>): void {
    this.#waiting.set(size);
    if (dropped > this.#told.dropped) {
      this.#notes.inc({ result: 'dropped' }, dropped - this.#told.dropped);
      this.#log.warn('the migration ledger lost what waited longest', { lost: dropped - this.#told.dropped });
    }
    if (unfit > this.#told.unfit) this.#notes.inc({ result: 'unfit' }, unfit - this.#told.unfit);
    this.#told = { dropped, unfit };
  }
}
