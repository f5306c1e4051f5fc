import type { Socket } from 'node:net';
import { createConnection, type Connection as Client, type ConnectionOptions, type FieldPacket, type QueryError } from 'mysql2';
import type { Connection, Rows, Step, Value } from '../connection.js';
import { StatementFailed, Unreachable, wordsOf } from '../failure.js';
import { unlessAborted } from '../patience.js';
import type { Statement } from '../statement.js';
import { tlsMaterial } from '../tls.js';
import { withoutFill } from './filled.js';
import { goodBye } from './good-bye.js';
import { notLetIn, toldByMysql } from './mysql-errors.js';
import { guard, guardedSocket, type ServerOptions } from './server-options.js';
import { atMostOne, inTransaction, type Session } from './transaction.js';

/** ER_UNKNOWN_STMT_HANDLER, ER_NEED_REPREPARE. */
const staleStatement = new Set([1243, 1615]);
const bitType = 16;
/** CHAR and BINARY; the latter is filled up with NULs, the former with spaces under the mode PAD_CHAR_TO_FULL_LENGTH. */
const paddedType = 254;

const optionsOf = async (options: ServerOptions, socket: Socket): Promise<ConnectionOptions> => {
  const { host, user, password, database, tls } = options;
  const material = tls === undefined || 'socket' in host ? undefined : await tlsMaterial(tls, host.host);
  if (material !== undefined) Object.assign(socket, { _host: material.name });
  return {
    // The driver asks the certificate for this name; where we connect to is the socket's matter.
    host: material?.name ?? 'localhost',
    user,
    password,
    database,
    stream: () => ('socket' in host ? socket.connect({ path: host.socket }) : socket.connect({ host: host.host, port: host.port })),
    charset: 'utf8mb4',
    // Values as the text that the server would show.
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    // A server may not ask for files; and rows count as changed only if something in them changed.
    flags: ['-LOCAL_FILES', '-FOUND_ROWS'],
    maxPreparedStatements: 16,
    // Time is kept elsewhere.
    connectTimeout: 0,
    ...(material === undefined ? {} : { ssl: { ...sslOf(material), rejectUnauthorized: true, verifyIdentity: true } }),
  };
};

const sslOf = ({
  ca,
  cert,
  key,
  minVersion,
}: Awaited<ReturnType<typeof tlsMaterial>>): NonNullable<Exclude<ConnectionOptions['ssl'], string>> => ({
  minVersion,
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});

/** Throws `Unreachable`. */
export const connectMysql = async (options: ServerOptions, signal: AbortSignal): Promise<Connection> => {
  const socket = guardedSocket().setNoDelay(true).setKeepAlive(true);
  const settings = await optionsOf(options, socket).catch((error: unknown) => Promise.reject(new Unreachable(wordsOf(error))));
  const client = createConnection(settings);
  const connection = new MysqlConnection(client, socket, options.prepare);
  try {
    await unlessAborted(connection.open(options.timeoutMs), signal);
    return connection;
  } catch (error) {
    connection.destroy();
    if (signal.aborted) throw error;
    throw error instanceof Unreachable ? error : new Unreachable(wordsOf(error));
  }
};

interface Answer {
  readonly result: unknown;
  readonly fields: readonly FieldPacket[];
}

class MysqlConnection implements Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #prepare: boolean;
  readonly #session: Session = { connection: this, begin: 'start transaction', plain: (text) => this.#plain(text) };
  #broken = false;

  constructor(client: Client, socket: Socket, prepare: boolean) {
    this.#client = client;
    this.#socket = socket;
    this.#prepare = prepare;
    client.on('error', () => this.#break());
    client.on('end', () => this.#break());
    socket.on('error', () => this.#break());
    socket.on('close', () => this.#break());
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Waits for the login, then tells the server how long a statement may take. */
  async open(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.connect((error: QueryError | null) => (error === null ? resolve() : reject(notLetIn(error))));
      this.#socket.once('close', () => reject(new Unreachable('the server closed the connection')));
    });
    guard((this.#client as unknown as { readonly stream: Socket }).stream);
    const { result } = await this.#plain('select version()');
    const maria = /mariadb/i.test(JSON.stringify(result));
    const limit = maria ? `max_statement_time = ${timeoutMs / 1000}` : `max_execution_time = ${timeoutMs}`;
    await this.#plain(`set session ${limit}`);
  }

  async query(statement: Statement, values: readonly Value[]): Promise<Rows> {
    const { result, fields } = firstOf(await this.#run(statement, values));
    if (!Array.isArray(result)) throw new StatementFailed('the statement gives no rows', 'no-rows');
    return {
      columns: fields.map(({ name }) => name),
      rows: (result as unknown[][]).map((row) => row.map((value, index) => textOf(value, fields[index]))),
    };
  }

  change(statement: Statement, values: readonly Value[]): Promise<number> {
    return inTransaction(this.#session, async () => {
      const { result } = await this.#run(statement, values);
      return atMostOne(changedBy(statement, result));
    });
  }

  batch(steps: readonly Step[]): Promise<void> {
    return inTransaction(this.#session, async () => {
      for (const { statement, values } of steps) await this.#run(statement, values);
    });
  }

  async ping(): Promise<void> {
    await this.#plain('select 1');
  }

  destroy(): void {
    this.#break();
    this.#client.destroy();
    this.#socket.destroy();
  }

  end(): Promise<void> {
    this.#break();
    return goodBye(this.#socket, () => this.#client.end(() => this.#socket.destroy()));
  }

  #break(): void {
    this.#broken = true;
  }

  async #run({ text }: Statement, values: readonly Value[]): Promise<Answer> {
    try {
      return await this.#execute(text, values);
    } catch (error) {
      if (!isStale(error)) throw this.#told(error);
      this.#client.unprepare(text);
      return await this.#execute(text, values).catch((again: unknown) => Promise.reject(this.#told(again)));
    } finally {
      if (!this.#prepare && !this.#broken) this.#client.unprepare(text);
    }
  }

  /** Always prepared by the server: what the driver calls a query puts the values into the text itself. */
  #execute(text: string, values: readonly Value[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#client.execute(text, [...values], (error: QueryError | null, result: unknown, fields: FieldPacket[] | undefined) =>
        error === null ? resolve({ result, fields: fields ?? [] }) : reject(error),
      );
    });
  }

  #plain(text: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#client.query(text, (error: QueryError | null, result: unknown, fields: FieldPacket[] | undefined) =>
        error === null ? resolve({ result, fields: fields ?? [] }) : reject(this.#told(error)),
      );
    });
  }

  #told(error: unknown): Error {
    const told = toldByMysql(error);
    if (told instanceof Unreachable) this.destroy();
    return told;
  }
}

/** `call` gives the rows of each statement in the procedure, and then a summary. */
const firstOf = (answer: Answer): Answer => {
  const [fields] = answer.fields as readonly unknown[];
  if (!Array.isArray(answer.result) || !Array.isArray(fields)) return answer;
  return { result: (answer.result as unknown[])[0], fields: fields as FieldPacket[] };
};

const isStale = (error: unknown): boolean => staleStatement.has((error as Partial<QueryError>).errno ?? 0);

/** `insert … on duplicate key update` counts an update as two (manual, mysql_affected_rows). */
const changedBy = ({ text }: Statement, result: unknown): number => {
  const { affectedRows } = result as { readonly affectedRows?: number };
  const changed = affectedRows ?? 0;
  return changed === 2 && /^insert\b/i.test(text) && /\bon\s+duplicate\s+key\b/i.test(text) ? 1 : changed;
};

const textOf = (value: unknown, field: FieldPacket | undefined): Value => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return columnType(field) === paddedType ? withoutFill(value, ' ') : value;
  if (Buffer.isBuffer(value)) return textOfBytes(value, field);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value);
};

const textOfBytes = (value: Buffer, field: FieldPacket | undefined): string => {
  const type = columnType(field);
  if (type === bitType) return BigInt(`0x${value.toString('hex')}`).toString();
  const text = value.toString('utf8');
  return type === paddedType ? withoutFill(text, '\0') : text;
};

const columnType = (field: FieldPacket | undefined): number | undefined =>
  (field as { readonly columnType?: number; readonly type?: number } | undefined)?.columnType ?? field?.type;
