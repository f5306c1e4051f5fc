import { setImmediate } from 'node:timers/promises';
import { PackedTable } from './packed-table.js';
import type { Row } from './rows/row.js';
import { tableKey } from './table-key.js';

/** Rows between two turns of the event loop: a millisecond or two of work. */
const slice = 500;
/** Bad lines that are told one by one; the rest is counted. */
const told = 5;

/** A table file that cannot be used; the message names lines, never more than a few. */
export class TableFileError extends Error {
  override readonly name = 'TableFileError';

  constructor(problems: readonly string[], more: number) {
    super(`the table cannot be used: ${[...problems, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`);
  }
}

/**
 * Packs rows into a table, giving way to the event loop between slices. Throws a `TableFileError` if any row is bad: half
 * a table would send the other half's users to the wrong place. `fault` says what is wrong with a value.
 */
export const loadTable = async (rows: Iterable<Row>, fault: (value: string) => string | undefined): Promise<PackedTable> => {
  const loading = new Loading(fault);
  let seen = 0;
  for (const row of rows) {
    loading.take(row);
    seen += 1;
    if (seen % slice === 0) await setImmediate();
  }
  return loading.finish();
};

class Loading {
  readonly #table = new PackedTable();
  readonly #fault: (value: string) => string | undefined;
  /** Line of each row, by its number in the table. */
  readonly #lines: number[] = [];
  readonly #problems: string[] = [];
  #bad = 0;
  /** Values that were found good: a table of a million rows names a handful of backends. */
  readonly #good = new Set<string>();

  constructor(fault: (value: string) => string | undefined) {
    this.#fault = fault;
  }

  take(row: Row): void {
    if (row.kind === 'problem') this.#report(row.line, row.message);
    if (row.kind === 'row') this.#add(row.key, row.value, row.line);
  }

  finish(): PackedTable {
    if (this.#bad > 0) throw new TableFileError(this.#problems, this.#bad - this.#problems.length);
    return this.#table;
  }

  #add(key: string, value: string, line: number): void {
    const fault = this.#good.has(value) ? undefined : this.#fault(value);
    if (fault !== undefined) return this.#report(line, fault);
    if (this.#good.size < 1000) this.#good.add(value);
    const twin = this.#table.add(tableKey(key), value);
    if (twin === undefined) this.#lines.push(line);
    else this.#report(line, `the key ${quote(key)} stands on line ${this.#lines[twin] ?? 0} already`);
  }

  #report(line: number, message: string): void {
    this.#bad += 1;
    if (this.#problems.length < told) this.#problems.push(`line ${line}: ${message}`);
  }
}

/** Short and printable, for a log line. */
export const quote = (text: string): string => JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
