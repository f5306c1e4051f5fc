import type { Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { Client, type ClientConfig, DatabaseError, type QueryArrayConfig, type QueryArrayResult } from 'pg';
import type { Connection, Rows, Step, Value } from '../connection.js';
import { OutOfLetters, StatementFailed, Unreachable, wordsOf } from '../failure.js';
import { hasRareLetters } from '../letters.js';
import { unlessAborted } from '../patience.js';
import type { Statement } from '../statement.js';
import { tlsMaterial } from '../tls.js';
import { goodBye } from './good-bye.js';
import { notLetIn, type ServerError, toldByPostgres } from './postgres-errors.js';
import { PostgresFrames } from './postgres-frames.js';
import { plainRows } from './postgres-text.js';
import { guard, guardedSocket, type ServerOptions } from './server-options.js';
import { atMostOne, inTransaction, type Session } from './transaction.js';

/** "cached plan must not change result type". */
const stalePlan = '0A000';
/** A prepared statement that is gone, or that was there before: somebody else asks on the same session, behind a pooler. */
const sharedSession = new Set(['26000', '42P05']);
/** All values as the text that the server sends. */
const asText = { getTypeParser: () => (text: string) => text } as unknown as NonNullable<QueryArrayConfig['types']>;

const configOf = async (options: ServerOptions, socket: Socket): Promise<ClientConfig> => {
  const { host, user, password, database, timeoutMs, prepare, tls } = options;
  const where =
    'socket' in host
      ? { host: dirname(host.socket), port: Number(basename(host.socket).split('.').at(-1)) }
      : { host: host.host, port: host.port };
  return {
    ...where,
    user,
    database,
    // As a function: an empty text would be looked for in PGPASSWORD and ~/.pgpass.
    password: () => password,
    application_name: 'postern',
    ssl: tls === undefined || 'socket' in host ? false : await tlsMaterial(tls, host.host),
    stream: () => socket,
    keepAlive: true,
    // What shares a connection (see `Pool`) does not wait for the answers to what went before.
    pipeline: prepare,
    // Poolers refuse parameters that they do not know.
    ...(prepare ? { statement_timeout: timeoutMs } : {}),
  };
};

/** A client that is let in, and the socket below it. */
export interface OpenClient {
  readonly client: Client;
  readonly socket: Socket;
}

/** Throws `Unreachable`; leaves nothing open then. `take` gets both before anything can go wrong with them. */
export const openPostgres = async <T>(options: ServerOptions, signal: AbortSignal, take: (open: OpenClient) => T): Promise<T> => {
  const frames = new PostgresFrames();
  const inspect = (bytes: Uint8Array): void => frames.take(bytes);
  const encrypted = options.tls !== undefined && !('socket' in options.host);
  // Before TLS begins, the server says a single letter.
  const socket = encrypted ? guardedSocket() : guardedSocket(inspect);
  const client = new Client(await configOf(options, socket).catch((error: unknown) => Promise.reject(new Unreachable(wordsOf(error)))));
  const taken = take({ client, socket });
  const secured = client as unknown as {
    readonly connection: { readonly stream: Socket; once(event: string, run: () => void): void };
  };
  secured.connection.once('sslconnect', () => guard(secured.connection.stream, inspect));
  try {
    await unlessAborted(client.connect(), signal);
    return taken;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    throw notLetIn(error, saidByServer(error));
  }
};

const saidByServer = (error: unknown): ServerError | undefined =>
  error instanceof DatabaseError && error.code !== undefined
    ? { message: error.message, code: error.code, severity: error.severity }
    : undefined;

/** Throws `Unreachable`. */
export const connectPostgres = (options: ServerOptions, signal: AbortSignal): Promise<Connection> =>
  openPostgres(options, signal, ({ client, socket }) => new PostgresConnection(client, socket, options.prepare));

/** What the driver hears and does not declare. */
interface Told {
  readonly connection: {
    readonly stream: Socket;
    on(event: 'parameterStatus', hear: (status: { readonly parameterName: string; readonly parameterValue: string }) => void): void;
  };
}

class PostgresConnection implements Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  /** Whether statements are prepared under names. */
  #named: boolean;
  readonly #driver: Told['connection'];
  readonly #session: Session = { connection: this, begin: 'begin', plain: (text) => this.#plain(text) };
  #broken = false;
  #encoding = '';
  /** Put behind the names of statements; another number is another statement. */
  #edition = 0;

  constructor(client: Client, socket: Socket, prepare: boolean) {
    this.#client = client;
    this.#socket = socket;
    this.#named = prepare;
    // Without listeners, a connection that dies while idle takes the process with it.
    client.on('error', () => this.#break());
    client.on('end', () => this.#break());
    socket.on('error', () => this.#break());
    socket.on('close', () => this.#break());
    this.#driver = (client as unknown as Told).connection;
    this.#driver.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName === 'server_encoding') this.#encoding = parameterValue;
    });
  }

  get broken(): boolean {
    return this.#broken;
  }

  async query(statement: Statement, values: readonly Value[]): Promise<Rows> {
    const result = await this.#run(statement, values);
    // No columns: a statement that gives no rows, or something that only pretends to be a server.
    if (result.fields.length === 0) throw new StatementFailed('the statement gives no rows', 'no-rows');
    // Such a database keeps bytes, in whatever encoding they came: the name may be there in another one than ours.
    if (result.rows.length === 0 && this.#encoding === 'SQL_ASCII' && hasRareLetters(values))
      throw new OutOfLetters('the database is SQL_ASCII and does not say in which encoding it keeps a name that is not ASCII', '22P05');
    return { columns: result.fields.map(({ name }) => name), rows: plainRows(result.fields, result.rows) };
  }

  change(statement: Statement, values: readonly Value[]): Promise<number> {
    return inTransaction(this.#session, async () => {
      const { rowCount } = await this.#step(statement, values);
      return atMostOne(rowCount ?? 0);
    });
  }

  batch(steps: readonly Step[]): Promise<void> {
    return inTransaction(this.#session, async () => {
      for (const { statement, values } of steps) await this.#step(statement, values);
    });
  }

  gather(): () => void {
    const { stream } = this.#driver;
    stream.cork();
    return () => stream.uncork();
  }

  async ping(): Promise<void> {
    await this.#plain('select 1');
  }

  destroy(): void {
    this.#break();
    this.#socket.destroy();
  }

  end(): Promise<void> {
    this.#break();
    return goodBye(this.#socket, () => this.#client.end(() => undefined));
  }

  #break(): void {
    this.#broken = true;
  }

  async #run(statement: Statement, values: readonly Value[]): Promise<QueryArrayResult<Value[]>> {
    const edition = this.#edition;
    try {
      return await this.#ask(statement, values, this.#named);
    } catch (error) {
      const code = error instanceof DatabaseError ? (error.code ?? '') : '';
      if (sharedSession.has(code)) this.#named = false;
      else if (code !== stalePlan) throw this.#told(error);
    }
    // The plan was made before the schema changed: prepared anew, under another name; by the first of those who asked together.
    if (edition === this.#edition) this.#edition += 1;
    return this.#ask(statement, values, this.#named).catch((error: unknown) => Promise.reject(this.#told(error)));
  }

  /** In a transaction, which could not go on after a name that is gone. */
  async #step(statement: Statement, values: readonly Value[]): Promise<QueryArrayResult<Value[]>> {
    return this.#ask(statement, values, false).catch((error: unknown) => Promise.reject(this.#told(error)));
  }

  /** `values` is not written to. */
  #ask({ name, text }: Statement, values: readonly Value[], named: boolean): Promise<QueryArrayResult<Value[]>> {
    const query: QueryArrayConfig = { text, values: values as Value[], rowMode: 'array', types: asText };
    if (named) query.name = `${name}_${this.#edition}`;
    return this.#client.query<Value[]>(query);
  }

  async #plain(text: string): Promise<void> {
    await this.#client.query(text).catch((error: unknown) => Promise.reject(this.#told(error)));
  }

  #told(error: unknown): Error {
    const told = toldByPostgres(error, saidByServer(error));
    if (told.over) this.destroy();
    return told.error;
  }
}
