import type { Account, Enrolled, Kept, PasswordHash } from '@postern/contract';
import { schemeOf } from '@postern/passwords';
import { type Bindings, type Database, type Statement, StatementFailed } from '@postern/sql';
import { bindingsOfEnrolling, bindingsOfKept, bindingsOfWithdrawing, canBeALogin } from './bindings.js';
import type { Statements } from './statements.js';
import { userRowOf } from './user-row.js';

export interface KeptHashesParts {
  readonly database: Database;
  readonly statements: Statements;
  readonly defaultScheme: string;
}

/** Reads, keeps and takes away the hashes in a database. Nothing is said of a hash in any error. */
export class KeptHashes {
  readonly #database: Database;
  readonly #statements: Statements;
  readonly #defaultScheme: string;

  constructor({ database, statements, defaultScheme }: KeptHashesParts) {
    this.#database = database;
    this.#statements = statements;
    this.#defaultScheme = defaultScheme;
  }

  async kept(user: string, signal: AbortSignal): Promise<Kept> {
    if (!canBeALogin(user)) return { kind: 'nothing' };
    try {
      const row = userRowOf(await this.#database.query(this.#statements.query, bindingsOfKept(user), signal), user, true);
      if (row === undefined || row.stored === '') return { kind: 'nothing' };
      return { kind: 'kept', hash: this.#labelled(row.stored) };
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  enroll(account: Account, password: PasswordHash, signal: AbortSignal): Promise<Enrolled> {
    const { previous } = password;
    const { enroll: statement } = this.#statements;
    return this.#change(statement, account.user, this.#spellings(previous), signal, (spelling) =>
      bindingsOfEnrolling(
        account,
        { hash: password.hash, ...(spelling === undefined ? {} : { previous: spelling }) },
        statement?.variables,
      ),
    );
  }

  withdraw(user: string, hash: string, signal: AbortSignal): Promise<Enrolled> {
    return this.#change(this.#statements.withdraw, user, this.#spellings(hash), signal, (spelling) =>
      bindingsOfWithdrawing(user, spelling ?? hash),
    );
  }

  async #change(
    statement: Statement | undefined,
    user: string,
    spellings: readonly (string | undefined)[],
    signal: AbortSignal,
    bindings: (spelling: string | undefined) => Bindings,
  ): Promise<Enrolled> {
    if (statement === undefined) return { kind: 'deferred', cause: new Error('there is no statement to keep hashes with') };
    if (!canBeALogin(user)) return { kind: 'conflict' };
    try {
      for (const spelling of spellings) {
        if ((await this.#database.change(statement, bindings(spelling), signal)) === 1) return { kind: 'enrolled' };
      }
      return { kind: 'conflict' };
    } catch (error) {
      // The database's own words may hold the hash.
      const cause = error instanceof StatementFailed ? new Error(`the statement that keeps hashes failed with ${error.code}`) : error;
      return { kind: 'deferred', cause };
    }
  }

  /** Others do not know which scheme bare texts are of here. */
  #labelled(stored: string): string {
    return schemeOf(stored, 'CRYPT') === schemeOf(stored, this.#defaultScheme) ? stored : `{${this.#defaultScheme}}${stored}`;
  }

  /** How what `kept` told may be written in the row. */
  #spellings(hash: string | undefined): readonly (string | undefined)[] {
    const label = `{${this.#defaultScheme}}`;
    return hash?.startsWith(label) === true ? [hash, hash.slice(label.length)] : [hash];
  }
}
