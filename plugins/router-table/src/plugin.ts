import { extname } from 'node:path';
import { definePlugin, type FilePath, type Services } from '@postern/contract';
import { TableConfig } from './config.js';
import { inspectTable } from './inspection.js';
import { faultOf, TableRouter } from './router.js';
import { jsonRows } from './rows/json-rows.js';
import type { RowReader } from './rows/row.js';
import { textRows } from './rows/text-rows.js';
import { yamlRows } from './rows/yaml-rows.js';
import { AttributeSource } from './sources/attribute-source.js';
import { FileSource } from './sources/file-source.js';
import { MapSource } from './sources/map-source.js';
import { redisSource } from './sources/redis-source.js';
import { sqlSource } from './sources/sql-source.js';
import type { TableSource } from './sources/source.js';
import { targetOf } from './target.js';

/** Backend router `table`: a lookup in a map, a file, a database or the account. */
export const tablePlugin = definePlugin({
  apiVersion: 1,
  role: 'backend-router',
  use: 'table',
  config: TableConfig,
  inspect: inspectTable,
  create: (config, services) => new TableRouter(config.keys, sourceOf(config, services), services.backends),
});

const sourceOf = ({ map, file, format, attribute, sql, redis }: TableConfig, services: Services): TableSource => {
  if (map !== undefined) return new MapSource(map);
  if (attribute !== undefined) return new AttributeSource(attribute);
  if (file !== undefined) return fileSource(file, format ?? formatOf(file), services);
  if (sql !== undefined) return sqlSource(sql, services);
  if (redis !== undefined) return redisSource(redis, services);
  throw new Error('the table has no source');
};

const fileSource = (file: FilePath, format: Format, { files, backends, log }: Services): TableSource =>
  new FileSource({
    files,
    path: file.absolute,
    read: readers[format],
    fault: (value) => (targetOf(value, backends) === undefined ? faultOf(value) : undefined),
    loaded: (rows) => log.info('the table was read', { file: file.absolute, rows }),
  });

type Format = NonNullable<TableConfig['format']>;

const readers: Readonly<Record<Format, RowReader>> = { text: textRows, json: jsonRows, yaml: yamlRows };

const formatOf = (file: FilePath): Format => {
  const extension = extname(file.absolute).toLowerCase();
  if (extension === '.json') return 'json';
  return extension === '.yaml' || extension === '.yml' ? 'yaml' : 'text';
};
