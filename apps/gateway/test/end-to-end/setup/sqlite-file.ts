import { createRequire } from 'node:module';
import type { ServerRoom } from '@postern/testkit';

interface SqliteDatabase {
  exec(statements: string): unknown;
  close(): unknown;
}

const require = createRequire(new URL('../../../../../packages/sql/package.json', import.meta.url));
const Sqlite = require('libsql') as new (path: string) => SqliteDatabase;

/** A database made of `statements`; answers its path. */
export const sqliteFile = (room: ServerRoom, name: string, statements: string): Promise<string> => {
  const path = room.path(name);
  runSqlite(path, statements);
  return Promise.resolve(path);
};

/** Runs `statements` in the database at `path`. */
export const runSqlite = (path: string, statements: string): void => {
  const database = new Sqlite(path);
  database.exec(statements);
  database.close();
};
