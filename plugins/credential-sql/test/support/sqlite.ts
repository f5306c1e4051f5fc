import { createRequire } from 'node:module';

interface Libsql {
  exec(sql: string): void;
  close(): void;
}

// The driver is the package's own; a test must not depend on what it does not declare.
const require = createRequire(import.meta.resolve('@postern/sql'));

/** Runs statements on a database file, which is made when it is not there. */
export const createSqlite = (path: string, statements: string): Promise<void> => {
  const Database = require('libsql') as new (path: string) => Libsql;
  const database = new Database(path);
  database.exec(statements);
  database.close();
  return Promise.resolve();
};
