import { splitUser, type Account, type Health, type Services } from '@postern/contract';
import { Database, dialectOf, StatementFailed, statementFrom, type Bindings, type Rows, type Statement } from '@postern/sql';
import type { SqlTableConfig } from '../config.js';
import { type TableSource, valueOf } from './source.js';

export const sqlVariables = ['key', 'user', 'local', 'domain'] as const;

/** Opens nothing. */
export const sqlSource = (config: SqlTableConfig, services: Pick<Services, 'clock' | 'log'>): TableSource =>
  new SqlSource(new Database(config, services), statementFrom(config.query, dialectOf(config.url), sqlVariables));

/** Nobody's name, for the question at the start. */
const nobody = 'nobody@postern.invalid';
const longestKey = 1024;

/** Rows from a database that is asked at each login. */
export class SqlSource implements TableSource {
  readonly #database: Database;
  readonly #query: Statement;

  constructor(database: Database, query: Statement) {
    this.#database = database;
    this.#query = query;
  }

  /** Throws when no server answers, and when the query does not work. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#database.start(signal);
    try {
      await this.#database.query(this.#query, bindingsOf(nobody, nobody), signal);
    } catch (error) {
      // SQLSTATE class 22: the made-up name does not fit a column's type, which says nothing of real ones.
      if (error instanceof StatementFailed && error.code.startsWith('22')) return;
      throw new Error(`the query does not work: ${error instanceof Error ? error.message : 'unknown trouble'}`);
    }
  }

  async lookup(keys: readonly string[], { user }: Account, signal: AbortSignal): Promise<string | undefined> {
    const asked = this.#query.variables.includes('key') ? keys : [''];
    for (const key of asked) {
      const value = canBeAsked(key) && canBeAsked(user) ? await this.#ask(bindingsOf(key, user), signal) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  health(): Promise<Health> {
    return this.#database.health();
  }

  stop(): Promise<void> {
    return this.#database.stop();
  }

  async #ask(bindings: Bindings, signal: AbortSignal): Promise<string | undefined> {
    return onlyValueOf(await this.#database.query(this.#query, bindings, signal));
  }
}

/** Throws when there are several rows: which of two mailboxes is meant cannot be told. NULL is no value. */
const onlyValueOf = ({ rows }: Rows): string | undefined => {
  if (rows.length > 1) throw new Error(`the query gives ${rows.length} rows for one key`);
  return valueOf(rows[0]?.[0]);
};

const bindingsOf = (key: string, user: string): Bindings => {
  const { local, domain } = splitUser(user);
  return new Map([
    ['key', key],
    ['user', user],
    ['local', local],
    ['domain', domain],
  ]);
};

/** Nobody is called so; some databases refuse such texts, and some do not see the control characters in them. */
const canBeAsked = (text: string): boolean => text.length <= longestKey && !/[\p{Cc}\p{Cs}]/u.test(text);
