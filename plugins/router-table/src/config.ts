import { filePath, template, textMap } from '@postern/contract';
import { databaseFields } from '@postern/sql';
import { z } from 'zod';

const sources = ['map', 'file', 'attribute', 'sql'] as const;

/** `not: {}` in the JSON Schema: editors mark it as wrong. */
const notYet = (source: string): z.ZodOptional<z.ZodUnknown> =>
  z
    .unknown()
    .refine(
      () => false,
      `the source ${source} is not built yet; use file or sql, or give the value as an attribute of the account with attribute`,
    )
    .meta({ not: {} })
    .optional()
    .describe('Not built yet.');

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
    redis: notYet('redis'),
  })
  .superRefine((config, context) => {
    const given = sources.filter((source) => config[source] !== undefined);
    if (config.redis === undefined && given.length !== 1) {
      const message = given.length === 0 ? 'give one of map, file, attribute or sql' : `give only one of ${given.join(' and ')}`;
      context.addIssue({ code: 'custom', path: given.slice(1, 2), message });
    }
    if (config.format !== undefined && config.file === undefined) {
      context.addIssue({ code: 'custom', path: ['format'], message: 'format says how to read file, and there is no file' });
    }
  });

export type TableConfig = z.output<typeof TableConfig>;
