import { filePath, template, textMap } from '@postern/contract';
import { databaseFields } from '@postern/sql';
import { z } from 'zod';
import { unknownIn } from './redis-key.js';

const sources = ['map', 'file', 'attribute', 'sql', 'redis'] as const;

export const defaultKeys = ['{user}', '{domain}', '*'];

const sql = z.strictObject({
  url: databaseFields.url,
  query: z
    .string()
    .min(1)
    .describe(
      'One statement whose first column is the value, in one row or none. `{key}` is asked for with each of `keys` in turn until there is a value; without `{key}`, `{user}`, `{local}` and `{domain}` of the account are there, and it is asked once. All become bound parameters, without quotes around them.',
    ),
  spread: databaseFields.spread,
  pool: databaseFields.pool,
  timeout: databaseFields.timeout,
  connectTimeout: databaseFields.connectTimeout,
  prepare: databaseFields.prepare,
  tls: databaseFields.tls,
});

export type SqlTableConfig = z.output<typeof sql>;

const redisText = (): z.ZodString =>
  z
    .string()
    .min(1)
    .refine((text) => unknownIn(text).length === 0, 'knows {key}, {user}, {local} and {domain} only');

const redis = z.strictObject({
  key: redisText().describe(
    "The Redis key, in full (the config's `redis.prefix` is not put before it). `{key}` is asked for with each of `keys` in turn until there is a value; without it, `{user}`, `{local}` and `{domain}` of the account are there, and it is asked once.",
  ),
  field: redisText()
    .optional()
    .describe('A field of the hash at `key` (HGET), with the same variables. Absent: the key itself holds the value (GET).'),
});

export type RedisTableConfig = z.output<typeof redis>;

export const TableConfig = z
  .strictObject({
    keys: z
      .array(template())
      .min(1, 'give at least one key')
      .prefault(defaultKeys)
      .describe(
        'What is looked up, in this order, until a row is found: templates of `{user}`, `{local}`, `{domain}`, `{protocol}` or `{attributes.NAME}`, or literal texts such as `*`. A key whose value is missing or empty is passed over. Not used with `attribute`.',
      ),
    map: textMap()
      .optional()
      .describe(
        'The table itself. Values are names of declared backends or `host[:port]`; a declared name wins. Case does not matter in keys.',
      ),
    file: filePath()
      .optional()
      .describe(
        'A file that holds the table; read again when it changes. A file with a bad line is refused whole, the last good one stays.',
      ),
    format: z
      .enum(['yaml', 'json', 'text'])
      .optional()
      .describe(
        'Format of `file`: `text` is one key and one value a line, between them white space. Without it the name decides: `.yaml`, `.yml`, `.json`; all others are text.',
      ),
    attribute: z
      .string()
      .min(1)
      .optional()
      .describe('Name of an account attribute that holds the value. An account without it is homeless here: the next router is asked.'),
    sql: sql.optional().describe('A database that is asked at each login, with the same options as the store `sql`.'),
    redis: redis.optional().describe('A lookup in the Redis of the config at each login.'),
  })
  .superRefine((config, context) => {
    const given = sources.filter((source) => config[source] !== undefined);
    if (given.length !== 1) {
      const message = given.length === 0 ? 'give one of map, file, attribute, sql or redis' : `give only one of ${given.join(' and ')}`;
      context.addIssue({ code: 'custom', path: given.slice(1, 2), message });
    }
    if (config.format !== undefined && config.file === undefined) {
      context.addIssue({ code: 'custom', path: ['format'], message: 'format says how to read file, and there is no file' });
    }
  });

export type TableConfig = z.output<typeof TableConfig>;
