/**
 * The database could not be asked, or did not answer: another server may, and this one is asked again later. Messages hold
 * nothing of the URL's password and nothing of what was bound.
 */
export class Unreachable extends Error {
  override readonly name: string = 'Unreachable';
  /** Whether the statement may have reached the server: a change must not be tried a second time then. */
  readonly asked: boolean;

  constructor(message: string, asked = false) {
    super(message);
    this.asked = asked;
  }
}

/** No answer in time. The server may be gone without a word, or only slow: whether it can be asked is looked at apart. */
export class TooLate extends Unreachable {
  override readonly name = 'TooLate';
}

/** The server works and takes no more connections of ours. Thrown when one is opened, and nowhere else. */
export class NoRoom extends Unreachable {
  override readonly name = 'NoRoom';
}

/** The database answered that the statement does not work. Every server with the same data would say the same. */
export class StatementFailed extends Error {
  override readonly name: string = 'StatementFailed';
  /** The database's own code: an SQLSTATE, a MySQL error number or an SQLite code. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** One server could not carry the statement out, and goes on working: another one with the same data may. */
export class ServerFailed extends StatementFailed {
  override readonly name: string = 'ServerFailed';
}

/** What was bound is no value of the column's type, as a name is no number: no row can be found, and none ruled out. */
export class UnfitValue extends StatementFailed {
  override readonly name: string = 'UnfitValue';
  /** The statement works for others: see `isOfThisLogin` of the contract. */
  readonly ofThisLogin = true;
}

/** What was bound has letters that the database, or a column, has no room for. */
export class OutOfLetters extends UnfitValue {
  override readonly name = 'OutOfLetters';
}

/** The server takes no changes: it is a replica. Nothing was changed. */
export class ReadOnly extends Error {
  override readonly name = 'ReadOnly';
}

/** The one who asked does not wait any more. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** What a driver's error says, for people; its other fields may hold statements and values. By shape: errors of Node.js may be of another realm. */
export const wordsOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown trouble';
  // A host with several addresses: one error for each.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return wordsOf(error.errors[0]);
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
  return 'code' in error && typeof error.code === 'string' ? error.code : 'unknown trouble';
};
