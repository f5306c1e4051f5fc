import { stat } from 'node:fs/promises';
import LibsqlDatabase from 'libsql/promise';
import type { Connection, Rows, Step, Value } from '../connection.js';
import { ReadOnly, StatementFailed, Unreachable, wordsOf } from '../failure.js';
import { unlessAborted } from '../patience.js';
import type { Statement } from '../statement.js';
import { FileTurns } from './file-turns.js';
import { atMostOne } from './transaction.js';

export interface FileOptions {
  /** Absolute. */
  readonly path: string;
  /** Milliseconds to wait for somebody who writes. */
  readonly timeoutMs: number;
  readonly writes: boolean;
}

/** The part of libsql that is used; its own types promise more than is there. Works on a thread of its own. */
interface Libsql {
  prepare(sql: string): Promise<Prepared>;
  exec(sql: string): Promise<void>;
  interrupt(): void;
  close(): void;
}

interface Prepared {
  raw(on: boolean): Prepared;
  safeIntegers(on: boolean): Prepared;
  columns(): readonly { readonly name: string }[];
  all(values: readonly Value[]): Promise<unknown[][]>;
  run(values: readonly Value[]): Promise<{ readonly changes: number }>;
}

const Libsql = LibsqlDatabase as unknown as new (path: string, options: { readonly timeout: number }) => Libsql;

/** The file's own trouble: gone, no rights, not a database, damaged. */
const elsewhere = /^SQLITE_(?:CANTOPEN|PERM|IOERR|CORRUPT|NOTADB|NOMEM|AUTH|FULL)/;
const readOnly = /^SQLITE_READONLY/;
/** Its readers, too, share a file beside it: https://sqlite.org/wal.html#read_only_databases */
const walHint = ' (a file in WAL mode needs a folder that may be written)';

/** Of this process; among processes, SQLite's own waiting does. */
const writers = new FileTurns();

/** Throws `Unreachable`, also for a file that is not there: SQLite would make an empty one. */
export const connectSqlite = async (options: FileOptions, signal: AbortSignal): Promise<Connection> => {
  const file = await identityOf(options.path);
  let client: Libsql;
  try {
    client = new Libsql(options.path, { timeout: options.timeoutMs });
  } catch (error) {
    throw new Unreachable(`${options.path}: ${wordsOf(error)}`);
  }
  const connection = new SqliteConnection(client, options.path, file);
  try {
    await unlessAborted(connection.open(options.writes), signal);
    return connection;
  } catch (error) {
    connection.destroy();
    throw signal.aborted || error instanceof Unreachable ? error : new Unreachable(`${options.path}: ${wordsOf(error)}`);
  }
};

/** A file that was replaced has the same name and is another one. */
const identityOf = async (path: string): Promise<string> => {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}:${ino}`;
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Unreachable(code === 'EACCES' ? `${path}: no right to its folder (EACCES)` : `${path} is not there: ${code}`, true);
  }
};

class SqliteConnection implements Connection {
  readonly #client: Libsql;
  readonly #path: string;
  readonly #file: string;
  #broken = false;
  #schema: Prepared | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(client: Libsql, path: string, file: string) {
    this.#client = client;
    this.#path = path;
    this.#file = file;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Reads a page, so that a file that is no database shows at once. */
  async open(writes: boolean): Promise<void> {
    await this.#work(async () => {
      if (!writes) await this.#client.exec('pragma query_only = on');
      this.#schema = (await this.#client.prepare('select 1 from sqlite_schema limit 1')).raw(true);
      await this.#schema.all([]);
    });
  }

  async query({ text }: Statement, values: readonly Value[]): Promise<Rows> {
    await this.#sameFile();
    return this.#work(async () => {
      // A statement's columns are those of the schema that the connection knew when it was prepared: reading anything
      // makes it look at the file's.
      await this.#schema?.all([]);
      const statement = (await this.#client.prepare(text)).raw(true).safeIntegers(true);
      const columns = statement.columns().map(({ name }) => name);
      if (columns.length === 0) throw new StatementFailed('the statement gives no rows', 'no-rows');
      const rows = await statement.all([...values]);
      return { columns, rows: rows.map((row) => row.map(textOf)) };
    });
  }

  async change({ text }: Statement, values: readonly Value[]): Promise<number> {
    await this.#sameFile();
    return writers.run(this.#file, () => this.#work(() => this.#write(text, values)));
  }

  async #write(text: string, values: readonly Value[]): Promise<number> {
    if (this.#broken) throw new Unreachable(`${this.#path}: nobody waits for it any more`);
    await this.#client.exec('begin immediate');
    try {
      const { changes } = await (await this.#client.prepare(text)).run([...values]);
      atMostOne(changes);
      await this.#client.exec('commit');
      return changes;
    } catch (error) {
      await this.#client.exec('rollback').catch(() => undefined);
      throw error;
    }
  }

  async batch(steps: readonly Step[]): Promise<void> {
    await this.#sameFile();
    const write = async (): Promise<void> => {
      await this.#client.exec('begin immediate');
      try {
        for (const { statement, values } of steps) await (await this.#client.prepare(statement.text)).run([...values]);
        await this.#client.exec('commit');
      } catch (error) {
        await this.#client.exec('rollback').catch(() => undefined);
        throw error;
      }
    };
    await writers.run(this.#file, () => this.#work(write));
  }

  async ping(): Promise<void> {
    await this.#sameFile();
  }

  destroy(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#client.interrupt();
    // The thread may still be in there.
    const close = (): void => this.#client.close();
    this.#busy.then(close, close);
  }

  end(): Promise<void> {
    this.destroy();
    return this.#busy.then(
      () => undefined,
      () => undefined,
    );
  }

  async #sameFile(): Promise<void> {
    if ((await identityOf(this.#path)) === this.#file) return;
    this.destroy();
    throw new Unreachable(`${this.#path} was replaced`, true);
  }

  async #work<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    this.#busy = working;
    try {
      return await working;
    } catch (error) {
      throw this.#told(error);
    }
  }

  #told(error: unknown): Error {
    if (error instanceof StatementFailed || error instanceof Unreachable) return error;
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    if (elsewhere.test(code)) {
      this.destroy();
      return new Unreachable(`${this.#path}: ${code}${code.startsWith('SQLITE_CANTOPEN') ? walHint : ''}`, true);
    }
    return readOnly.test(code) ? new ReadOnly(message) : new StatementFailed(message, code);
  }
}

const textOf = (value: unknown): Value => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return Buffer.isBuffer(value) ? value.toString('utf8') : null;
};
