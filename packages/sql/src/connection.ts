import type { Pooled } from '@postern/pool';
import type { Statement } from './statement.js';

/** Everything comes back as the text that the database would show; NULL stays apart from the empty text. */
export type Value = string | null;

export interface Rows {
  /** As the database names them, in order; may hold a name twice. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** A statement with what is bound to it. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly Value[];
}

/** One open connection; asked one thing at a time, unless its dialect takes several (see `Pool`). */
export interface Connection extends Pooled {
  /** Throws `Unreachable` or `StatementFailed`. */
  query(statement: Statement, values: readonly Value[]): Promise<Rows>;
  /**
   * Changes at most one row and answers how many it changed; more are taken back, and it throws `StatementFailed`. Throws
   * `ReadOnly` where no changes are taken.
   */
  change(statement: Statement, values: readonly Value[]): Promise<number>;
  /** Runs all of them in one transaction: together or not at all. Throws as `change` does. */
  batch(steps: readonly Step[]): Promise<void>;
  /** Whether it still answers. Throws `Unreachable`. */
  ping(): Promise<void>;
}

/** Opens a connection; throws `Unreachable`. Ends soon after the signal aborts and leaves nothing open then. */
export type Connect = (signal: AbortSignal) => Promise<Connection>;
