import { statementFrom, type Dialect, type Order, type Statement, type Value } from '@postern/sql';
import { splitUser } from '@postern/contract';
import type { Batch } from './note-buffer.js';
import { readName, storedName } from './stored-name.js';
import {
  dayColumns,
  deleteDisabled,
  disabledColumns,
  enabledColumns,
  upsertDays,
  upsertDisabled,
  upsertUsers,
  upsertWriters,
  userColumns,
  writerColumns,
} from './upsert.js';
import type { UserNotes } from './user-notes.js';

/** Rows of one statement. Two sizes only: a database keeps each statement that it was ever given. */
const manyRows = 25;

type Row = readonly Value[];
type Make = (dialect: Dialect, rows: number) => string;

/** Turns batches into statements. */
export class Writing {
  readonly #dialect: Dialect;
  /** Of this process; see `Shelf`. */
  readonly #writer: string;
  readonly #statements = new Map<string, Statement>();

  constructor(dialect: Dialect, writer: string) {
    this.#dialect = dialect;
    this.#writer = writer;
  }

  /** In one order for everybody, users first. */
  orders({ number, users, tallies }: Batch, at: number): readonly Order[] {
    const disabled = [...users].flatMap(([name, notes]) =>
      [...notes.disabled].map(([store, found]) => ({ row: [name, store, String(found.at)], disabled: found.disabled })),
    );
    const days = tallies.map((tally): Row => [
      ...[tally.day, tally.domain, tally.store, tally.other, tally.kind],
      ...[tally.events, tally.storeMs, tally.otherMs].map(String),
    ]);
    return [
      ...this.#rows(upsertWriters, writerColumns.length, [[this.#writer, String(number), String(at)]]),
      ...this.#rows(upsertUsers, userColumns.length, [...users].map(userRow)),
      ...this.#rows(
        upsertDisabled,
        disabledColumns.length,
        disabled.filter((one) => one.disabled).map(({ row }) => row),
      ),
      ...this.#rows(
        deleteDisabled,
        enabledColumns.length,
        disabled.filter((one) => !one.disabled).map(({ row }) => row.slice(0, enabledColumns.length)),
      ),
      ...this.#rows(upsertDays, dayColumns.length, days),
    ];
  }

  #rows(make: Make, width: number, rows: readonly Row[]): readonly Order[] {
    const orders: Order[] = [];
    let at = 0;
    while (at < rows.length) {
      const count = rows.length - at >= manyRows ? manyRows : 1;
      const values = rows.slice(at, at + count).flat();
      orders.push({
        statement: this.#statement(make, width, count),
        bindings: new Map(values.map((value, index) => [`v${index}`, value])),
      });
      at += count;
    }
    return orders;
  }

  #statement(make: Make, width: number, rows: number): Statement {
    const text = make(this.#dialect, rows);
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const variables = Array.from({ length: width * rows }, (_, index) => `v${index}`);
    const statement = statementFrom(text, this.#dialect, variables);
    this.#statements.set(text, statement);
    return statement;
  }
}

const userRow = ([name, { first, seen, captured, capturing, compared }]: readonly [string, UserNotes]): Row => {
  const domain = storedName(splitUser(readName(name)).domain) ?? '';
  return [
    ...[name, domain.length > 255 ? '?' : domain, String(first), String(seen?.at ?? 0), seen?.store ?? ''],
    ...[String(captured?.at ?? 0), captured?.into ?? '', captured?.from ?? '', captured?.scheme ?? '', captured?.digest ?? ''],
    ...[String(capturing?.at ?? 0), capturing?.into ?? '', capturing?.digest ?? ''],
    ...[String(compared?.at ?? 0), compared?.kind ?? '', compared?.class ?? '', String(compared?.since ?? 0), String(compared?.turns ?? 0)],
  ];
};
