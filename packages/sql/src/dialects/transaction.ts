import type { Connection } from '../connection.js';
import { StatementFailed } from '../failure.js';

/** What a transaction needs. */
export interface Session {
  readonly connection: Pick<Connection, 'broken' | 'destroy'>;
  /** The server's word for the beginning. */
  readonly begin: string;
  /** Runs a statement without values. */
  readonly plain: (text: string) => Promise<unknown>;
}

/** Keeps what `work` did, or takes all of it back and rejects. */
export const inTransaction = async <T>({ connection, begin, plain }: Session, work: () => Promise<T>): Promise<T> => {
  await plain(begin);
  try {
    const result = await work();
    await plain('commit');
    return result;
  } catch (error) {
    if (!connection.broken) await plain('rollback').catch(() => connection.destroy());
    throw error;
  }
};

/** Throws where a statement changed more rows than one. */
export const atMostOne = (changed: number): number => {
  if (changed > 1) throw new StatementFailed(`the statement would have changed ${changed} rows`, 'too-many-rows');
  return changed;
};
