import type { Value } from './connection.js';
import { OutOfLetters, StatementFailed, UnfitValue } from './failure.js';

/**
 * PostgreSQL's untranslatable_character and character_not_in_repertoire; MariaDB's and MySQL's ER_CANT_AGGREGATE_2COLLATIONS,
 * ER_INVALID_CHARACTER_STRING, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD and ER_CANNOT_CONVERT_STRING.
 */
const codes = new Set(['22P05', '22021', '1267', '1300', '1366', '3854']);

/** Whether there is a letter that not every encoding has. */
export const hasRareLetters = (values: readonly Value[]): boolean => values.some((value) => value !== null && /[^\0-\x7f]/.test(value));

/**
 * PostgreSQL's numeric_value_out_of_range, invalid_datetime_format, datetime_field_overflow and invalid_text_representation. MariaDB and MySQL
 * make of such a text whatever number it begins with.
 */
const typeCodes = new Set(['22003', '22007', '22008', '22P02']);

/** An error as `OutOfLetters` or `UnfitValue` when it came of what was bound, and not of what is kept. */
export const blamed = (error: unknown, values: readonly Value[]): unknown => {
  if (!(error instanceof StatementFailed)) return error;
  const { message, code } = error;
  if (codes.has(code) && hasRareLetters(values)) return new OutOfLetters(message, code);
  return typeCodes.has(code) && values.some((value) => isNamed(message, value)) ? new UnfitValue(message, code) : error;
};

const inWord = /[\p{L}\p{N}_]/u;

/** The server shows the value that it could not read, in the quotes of its own language. */
const isNamed = (message: string, value: Value): boolean => {
  const at = value === null || value === '' ? -1 : message.lastIndexOf(value);
  return at > 0 && !inWord.test(message.charAt(at - 1)) && !inWord.test(message.charAt(at + (value?.length ?? 0)));
};
