import type { Value } from '../connection.js';
import { withoutFill } from './filled.js';

/** Types by their number in `pg_type.dat`: `bytea`, and `char(n)`, which PostgreSQL calls `bpchar`. */
const bytea = 17;
const paddedText = 1042;

type Plain = (value: string) => string;

/** What fills `char(n)` up is no part of the value (PostgreSQL's manual, "Character Types"). */
const unpadded: Plain = (value) => withoutFill(value, ' ');

/** `bytea_output` is `hex` (`\x61`) or `escape` (`a\\\303`); only in the first does `x` stand behind a backslash. */
const textOfBytes: Plain = (value) => (value.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex') : bytesEscaped(value)).toString('utf8');

/** PostgreSQL's manual, "bytea Escape Format". */
const bytesEscaped = (value: string): Buffer =>
  Buffer.from(
    value.replace(/\\(\\|[0-3][0-7]{2})/g, (_, code: string) => (code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)))),
    'latin1',
  );

const plainBy: ReadonlyMap<number, Plain> = new Map([
  [bytea, textOfBytes],
  [paddedText, unpadded],
]);

/** The rows with the text that stands in each column, where the server shows something else; most have none such. */
export const plainRows = (
  fields: readonly { readonly dataTypeID: number }[],
  rows: readonly (readonly Value[])[],
): readonly (readonly Value[])[] => {
  if (!fields.some(({ dataTypeID }) => plainBy.has(dataTypeID))) return rows;
  const plains = fields.map(({ dataTypeID }) => plainBy.get(dataTypeID));
  return rows.map((row) => row.map((value, index) => (value === null ? null : (plains[index]?.(value) ?? value))));
};
