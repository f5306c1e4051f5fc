export { databaseFields, databaseUrl, type DatabaseConfig } from './config.js';
export type { Rows, Value } from './connection.js';
export { Database, type Bindings } from './database.js';
export { DatabaseUrl, parseDatabaseUrl, type Address, type Host } from './database-url.js';
export type { Dialect } from './dialect.js';
export { GivenUp, ReadOnly, StatementFailed, Unreachable } from './failure.js';
export { statementFrom, TemplateError, type Statement } from './statement.js';
export { adviceOnDatabase, compiled, dialectOf, type Compiled } from './inspection.js';
