import { NoRoom, ReadOnly, ServerFailed, StatementFailed, Unreachable, wordsOf } from '../failure.js';

/** What the server said, and not the driver. */
export interface ServerError {
  readonly message: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly severity?: string | undefined;
}

/** SQLSTATEs that say "not here, not now": connection trouble, wrong login or database, no room, shutting down. */
const elsewhere = /^(?:08|28|57P0[1-5]|53300|3D000)/;
const readOnly = '25006';
/** PgBouncer, with `pool_mode = statement`; it hangs up then. */
const noTransactions = 'transaction blocks not allowed';
/**
 * Conflict with recovery on a replica (40001), no memory, no room on the disk, a limit reached, trouble with files, damaged data: the
 * server's own.
 */
const serversOwn = /^(?:40001|53|58|XX00[12])/;

/** PgBouncer's words for a setting that it does not know. */
const hinted = (words: string): string =>
  words.includes('unsupported startup parameter: statement_timeout')
    ? `${words} (a pooler: let it ignore that, or set prepare: false, see docs/stores/sql.md)`
    : words;

/** PostgreSQL, and a role with a limit, by their code; PgBouncer by its words. */
const isFull = ({ code, message }: ServerError): boolean => code === '53300' || message.startsWith('no more connections allowed');

/** Why a connection was not opened. `said`: by the server, if it was there. */
export const notLetIn = (error: unknown, said: ServerError | undefined): Unreachable =>
  said !== undefined && isFull(said) ? new NoRoom(said.message) : new Unreachable(hinted(wordsOf(error)));

interface Told {
  readonly error: Error;
  /** The connection is of no use any more. */
  readonly over: boolean;
}

/** What a statement's failure means. */
export const toldByPostgres = (error: unknown, said: ServerError | undefined): Told => {
  if (said === undefined) return { error: new Unreachable(wordsOf(error), true), over: true };
  const { message, code, severity } = said;
  if (message.startsWith(noTransactions))
    return { error: new ReadOnly(`a pooler that works by statement takes no changes: ${message}`), over: true };
  if (severity === 'FATAL' || elsewhere.test(code)) return { error: new Unreachable(`${code} ${message}`, true), over: true };
  if (code === readOnly) return { error: new ReadOnly(message), over: false };
  return { error: new (serversOwn.test(code) ? ServerFailed : StatementFailed)(message, code), over: false };
};
