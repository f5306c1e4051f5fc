import type { Value } from './connection.js';
import { OutOfLetters, StatementFailed } from './failure.js';

/**
 * PostgreSQL's untranslatable_character and character_not_in_repertoire; MariaDB's and MySQL's ER_CANT_AGGREGATE_2COLLATIONS,
 * ER_INVALID_CHARACTER_STRING, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD and ER_CANNOT_CONVERT_STRING.
 */
const codes = new Set(['22P05', '22021', '1267', '1300', '1366', '3854']);

/** Whether there is a letter that not every encoding has. */
export const hasRareLetters = (values: readonly Value[]): boolean => values.some((value) => value !== null && /[^\0-\x7f]/.test(value));

/** An error as `OutOfLetters` when it came of letters in what was bound. */
export const blamed = (error: unknown, values: readonly Value[]): unknown =>
  error instanceof StatementFailed && codes.has(error.code) && hasRareLetters(values) ? new OutOfLetters(error.message, error.code) : error;
