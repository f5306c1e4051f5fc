import type { Clock, Health, Lifecycle, Log } from '@postern/contract';
import type { DatabaseConfig } from './config.js';
import type { Connection, Rows, Value } from './connection.js';
import { ReadOnly, ServerFailed, StatementFailed, Unreachable } from './failure.js';
import { blamed } from './letters.js';
import type { Server } from './server.js';
import { serversOf } from './servers-of.js';
import type { Statement } from './statement.js';

export interface DatabaseParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** What stands for each variable of a statement. A `Map`, since a variable that is missing must not find a prototype. */
export type Bindings = ReadonlyMap<string, Value>;

/** A statement of a batch. */
export interface Order {
  readonly statement: Statement;
  readonly bindings: Bindings;
}

/**
 * One database on one or several servers with the same data. Opens connections when they are needed; a question goes to
 * the first server that works (or to all in turn), and on to the next when one cannot be asked.
 */
export class Database implements Lifecycle {
  readonly #servers: readonly Server[];
  readonly #spread: boolean;
  #turn = 0;
  #stopped = false;

  /** `writes`: whether `change` will be called. Opens nothing. */
  constructor(config: DatabaseConfig, parts: DatabaseParts, writes = false) {
    this.#servers = serversOf(config, parts, writes);
    this.#spread = config.spread;
  }

  /** Connections to all servers, those that are being opened included. */
  get connections(): number {
    return this.#servers.reduce((sum, server) => sum + server.connections, 0);
  }

  /** Throws when no server can be asked; the servers are looked after in the background all the same. */
  async start(signal: AbortSignal): Promise<void> {
    this.#stopped = false;
    const starts = await Promise.allSettled(this.#servers.map((server) => server.open(signal)));
    signal.throwIfAborted();
    if (starts.every(({ status }) => status === 'rejected')) throw this.#noneWorks();
  }

  /** Throws `Unreachable`, `StatementFailed` or `GivenUp`. */
  async query(statement: Statement, bindings: Bindings, signal: AbortSignal): Promise<Rows> {
    const values = valuesFor(statement, bindings);
    let last: Error | undefined;
    for (const server of this.#order()) {
      try {
        return await server.run((connection) => connection.query(statement, values).catch(blaming(values)), signal, true);
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof ServerFailed)) throw error;
        last = error;
      }
    }
    throw last ?? this.#noneWorks();
  }

  /**
   * Changes at most one row and answers how many it changed. Servers that only read are passed over. Never tried again
   * once it may have reached a server. Errors say the database's code and not its words: those may hold what was bound.
   */
  async change(statement: Statement, bindings: Bindings, signal: AbortSignal): Promise<number> {
    const values = valuesFor(statement, bindings);
    return this.#write((connection) => connection.change(statement, values), signal);
  }

  /**
   * Runs all of them in one transaction, in their order, whatever each changes. Otherwise like `change`: after an `Unreachable` with
   * `asked` nobody knows whether they were done.
   */
  async batch(orders: readonly Order[], signal: AbortSignal): Promise<void> {
    const steps = orders.map(({ statement, bindings }) => ({ statement, values: valuesFor(statement, bindings) }));
    await this.#write((connection) => connection.batch(steps), signal);
  }

  health(): Promise<Health> {
    if (this.#stopped) return Promise.resolve({ status: 'down', note: 'stopped' });
    const troubled = this.#servers.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble.message]));
    if (troubled.length === 0) return Promise.resolve({ status: 'up' });
    const down = this.#servers.every(({ fallen }) => fallen !== undefined);
    return Promise.resolve({ status: down ? 'down' : 'degraded', note: troubled.join('; ') });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  async #write<T>(write: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    let last: Error | undefined;
    for (const server of this.#order()) {
      try {
        return await server.run((connection) => write(connection).catch(withoutWords), signal, false);
      } catch (error) {
        const passOver = error instanceof ReadOnly || (error instanceof Unreachable && !error.asked);
        if (!passOver) throw error;
        last = error;
      }
    }
    throw last ?? this.#noneWorks();
  }

  /** Servers that can be asked now. */
  #order(): readonly Server[] {
    if (this.#stopped) throw new Unreachable('the database is stopped');
    const working = this.#servers.filter(({ fallen }) => fallen === undefined);
    if (!this.#spread || working.length < 2) return working;
    this.#turn = (this.#turn + 1) % working.length;
    return [...working.slice(this.#turn), ...working.slice(0, this.#turn)];
  }

  #noneWorks(): Unreachable {
    const [first, ...more] = this.#servers.flatMap(({ fallen }) => (fallen === undefined ? [] : [fallen.message]));
    return new Unreachable(first === undefined ? 'no database server can be asked' : [first, ...more].join('; '));
  }
}

/** MySQL puts values into its words ("Incorrect integer value: …"), and words go on into health notes. */
const withoutWords = (error: unknown): never => {
  const itsOwn = error instanceof StatementFailed && error.code !== 'too-many-rows';
  throw itsOwn ? new StatementFailed(`the statement failed with ${error.code}`, error.code) : error;
};

const blaming =
  (values: readonly Value[]) =>
  (error: unknown): never => {
    throw blamed(error, values);
  };

const valuesFor = ({ variables }: Statement, bindings: Bindings): readonly Value[] =>
  variables.map((name) => {
    const value = bindings.get(name);
    if (value === undefined) throw new Error(`nothing is bound to {${name}}`);
    return value;
  });
