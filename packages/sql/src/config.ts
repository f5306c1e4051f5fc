import { duration, filePath, type SecretSource, secretUrl } from '@postern/contract';
import { z } from 'zod';
import { DatabaseUrl } from './database-url.js';

/** A config field for a database's URL, which mostly holds a password. */
const databaseUrl = (): z.ZodType<DatabaseUrl, SecretSource> => secretUrl((source) => new DatabaseUrl(source));

const tls = z.strictObject({
  ca: filePath().optional().describe('PEM file of the authorities that are trusted. Absent: those that Node.js brings.'),
  cert: filePath().optional().describe('PEM file of a client certificate.'),
  key: filePath().optional().describe('PEM file of its key.'),
  serverName: z.string().min(1).optional().describe('Name that the server’s certificate must be for. Absent: the host in the URL.'),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2').describe('Oldest version of TLS that is spoken.'),
});

const tlsPair = tls.refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'expected `cert` and `key` together');

const pool = z.strictObject({
  max: z.int().min(1).max(1000).prefault(8).describe('Connections to each server at most.'),
  idle: duration({ min: 100 }).prefault('30s').describe('A connection that nobody used for this long is closed.'),
  lifetime: duration({ min: 1000 }).prefault('30m').describe('A connection this old is closed when it is next free.'),
});

/** Options of everything that asks a database; to be spread into a strict object. */
export const databaseFields = {
  url: z
    .union([databaseUrl().transform((one) => [one]), z.array(databaseUrl()).min(1)])
    .describe(
      '`postgres://…`, `mysql://…` or `sqlite:PATH`, better as `{ env }` or `{ file }` when it holds a password. A list, and several hosts in one URL, are servers with the same data.',
    ),
  spread: z
    .boolean()
    .prefault(false)
    .describe('`false`: the first server that works is asked. `true`: questions are spread over all that work (read replicas).'),
  pool: pool.prefault({}).describe('Limits for the connections to each server.'),
  timeout: duration({ min: 10, max: 60_000 })
    .prefault('2s')
    .describe('How long one server may take for one answer, the wait for a free connection included.'),
  connectTimeout: duration({ min: 10, max: 60_000 }).prefault('1s').describe('How long opening a connection may take, login included.'),
  prepare: z
    .boolean()
    .prefault(true)
    .describe(
      'Prepare each statement once per connection. Switch it off behind a pooler that works by transaction (PgBouncer, ProxySQL); then PostgreSQL is not told `timeout` either.',
    ),
  tls: z
    .union([z.boolean(), tlsPair], { error: 'expected true, false or { ca, cert, key, serverName, minVersion }' })
    .optional()
    .describe('Demand TLS; the server’s certificate is always verified. `true`: against the authorities that Node.js brings.'),
} as const;

export type DatabaseConfig = z.output<z.ZodObject<typeof databaseFields>>;
