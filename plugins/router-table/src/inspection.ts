import type { Advice, ConfigPath, Inspection } from '@postern/contract';
import { adviceOnDatabase, compiled } from '@postern/sql';
import { defaultKeys, type TableConfig } from './config.js';
import { namesSomebody } from './redis-key.js';
import { sqlVariables } from './sources/sql-source.js';
import { tableKey } from './table-key.js';
import { readingOf } from './target.js';

/** What can be said of a config at boot. */
export const inspectTable = (config: TableConfig): Inspection => {
  const rows = [...(config.map ?? [])].map(([key, value]) => ({ key, value, reading: readingOf(value) }));
  return {
    backends: rows.filter(({ reading }) => reading === 'name').map(({ key, value }) => ({ name: value, path: ['map', key] })),
    // A dotted value may be a declared backend's name or a host: what is declared is not known here.
    namesBackendsAtRunTime: config.map === undefined || rows.some(({ reading }) => reading === 'either'),
    readsAttributes: attributesIn(config),
    ...(config.redis === undefined ? {} : { asksRedis: ['redis'] }),
    advice: [...adviceOnKeys(config), ...adviceOnTwins(config), ...adviceOnSql(config), ...adviceOnRedis(config)],
  };
};

const attributesIn = ({ attribute, keys }: TableConfig): readonly ConfigPath[] =>
  attribute !== undefined
    ? [['attribute']]
    : keys.flatMap(({ variables }, index) => (variables.some((name) => name.startsWith('attributes.')) ? [['keys', index]] : []));

const adviceOnKeys = ({ keys, map, attribute }: TableConfig): Advice[] => {
  const texts = keys.map((key) => key.text);
  if (attribute !== undefined) {
    if (texts.join('\n') === defaultKeys.join('\n')) return [];
    const message = 'keys are not used together with attribute';
    return [{ path: ['keys'], severity: 'warning', message, hint: 'Leave keys out: the account itself holds the value.' }];
  }
  const advice: Advice[] = keys.flatMap((key, index): Advice[] => {
    if (!key.variables.includes('clientIp')) return [];
    const message = '{clientIp} is not the same at every login, so one mailbox may be looked for on several backends';
    return [{ path: ['keys', index], severity: 'warning', message, hint: 'Use {user}, {local}, {domain} or {attributes.NAME}.' }];
  });
  if (map?.has('*') !== true || texts.includes('*')) return advice;
  return [
    ...advice,
    { path: ['map', '*'], severity: 'warning', message: 'no key asks for the row *', hint: 'Add "*" to the end of keys.' },
  ];
};

/** Two spellings of one key: which of them holds would hang on the order. */
const adviceOnTwins = ({ map }: TableConfig): Advice[] => {
  const first = new Map<string, string>();
  return [...(map?.keys() ?? [])].flatMap((key): Advice[] => {
    const twin = first.get(tableKey(key));
    first.set(tableKey(key), twin ?? key);
    if (twin === undefined) return [];
    return [{ path: ['map', key], severity: 'error', message: `${key} and ${twin} are the same key`, hint: 'Keep one of the two.' }];
  });
};

const adviceOnSql = ({ sql, keys }: TableConfig): readonly Advice[] => {
  if (sql === undefined) return [];
  const path = ['sql', 'query'];
  const query = compiled(sql.query, sql.url, sqlVariables, path);
  const advice = adviceOnDatabase(sql, ['sql']);
  if (query.kind === 'problem') return [...advice, query.advice];
  const { variables } = query.statement;
  if (variables.length === 0) {
    const message = 'the query asks for nobody: every account would get the same value.';
    return [...advice, { path, severity: 'error', message, hint: 'Add a condition such as where name = {key}.' }];
  }
  if (variables.includes('key') || keys.map(({ text }) => text).join('\n') === defaultKeys.join('\n')) return advice;
  const message = 'keys are not used, since the query does not ask for {key}.';
  return [...advice, { path: ['keys'], severity: 'warning', message, hint: 'Leave keys out, or ask for {key}.' }];
};

const adviceOnRedis = ({ redis, keys }: TableConfig): readonly Advice[] => {
  if (redis === undefined) return [];
  const texts = [redis.key, redis.field ?? ''];
  if (!texts.some(namesSomebody)) {
    const message = 'the key asks for nobody: every account would get the same value.';
    return [{ path: ['redis', 'key'], severity: 'error', message, hint: 'Write a key such as home:{key}.' }];
  }
  if (texts.some((text) => text.includes('{key}')) || keys.map(({ text }) => text).join('\n') === defaultKeys.join('\n')) return [];
  const message = 'keys are not used, since neither key nor field asks for {key}.';
  return [{ path: ['keys'], severity: 'warning', message, hint: 'Leave keys out, or ask for {key}.' }];
};
