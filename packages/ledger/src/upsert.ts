import type { Dialect } from '@postern/sql';
import { tables } from './schema.js';

interface Words {
  /** The value that is to be written. */
  readonly fresh: (column: string) => string;
  /** The value that is there. */
  readonly kept: (column: string) => string;
}

const wordsOf = (dialect: Dialect, table: string): Words =>
  dialect === 'mysql'
    ? { fresh: (column) => `values(${column})`, kept: (column) => column }
    : { fresh: (column) => `excluded.${column}`, kept: (column) => `${table}.${column}` };

/** `insert` of so many rows, with variables such as `{v0}`; what it does with a row that is there stands in `settings`. */
const upsert = (
  dialect: Dialect,
  {
    table,
    columns,
    key,
    rows,
  }: { readonly table: string; readonly columns: readonly string[]; readonly key: string; readonly rows: number },
  settings: readonly string[],
): string => {
  const row = (_: unknown, index: number): string =>
    `(${columns.map((_column, place) => `{v${index * columns.length + place}}`).join(', ')})`;
  const into = `insert into ${table} (${columns.join(', ')}) values ${Array.from({ length: rows }, row).join(', ')}`;
  return dialect === 'mysql'
    ? `${into} on duplicate key update ${settings.join(', ')}`
    : `${into} on conflict (${key}) do update set ${settings.join(', ')}`;
};

export const userColumns = [
  ...['user_name', 'domain_name', 'first_seen', 'last_seen', 'last_store'],
  ...['captured_at', 'captured_into', 'captured_from', 'captured_scheme', 'captured_digest'],
  ...['capturing_at', 'capturing_into', 'capturing_digest'],
  ...['compared_at', 'compared_kind', 'compared_class', 'compared_since', 'compared_turns'],
] as const;

/**
 * Several processes write of one user: of each group of columns the newer one stays. MySQL sets columns in order and then reads the new
 * values, so the moment of a group is set after all that is decided by it.
 */
export const upsertUsers = (dialect: Dialect, rows: number): string => {
  const { fresh, kept } = wordsOf(dialect, tables.users);
  const group = (at: string, columns: readonly string[]): readonly string[] =>
    [...columns, at].map((column) => `${column} = case when ${newer(at)} then ${fresh(column)} else ${kept(column)} end`);
  const newer = (at: string): string => `${fresh(at)} > 0 and ${fresh(at)} >= ${kept(at)}`;
  const unbroken = `${fresh('compared_class')} = ${kept('compared_class')} and ${fresh('compared_turns')} = 0`;
  const since = `case when ${unbroken} then ${kept('compared_since')} else ${fresh('compared_since')} end`;
  return upsert(dialect, { table: tables.users, columns: userColumns, key: 'user_name', rows }, [
    `first_seen = case when ${fresh('first_seen')} < ${kept('first_seen')} then ${fresh('first_seen')} else ${kept('first_seen')} end`,
    ...group('last_seen', ['last_store']),
    ...group('captured_at', ['captured_into', 'captured_from', 'captured_scheme', 'captured_digest']),
    ...group('capturing_at', ['capturing_into', 'capturing_digest']),
    `compared_since = case when ${newer('compared_at')} then ${since} else ${kept('compared_since')} end`,
    `compared_turns = ${kept('compared_turns')} + ${fresh('compared_turns')}`,
    ...group('compared_at', ['compared_kind', 'compared_class']),
  ]);
};

export const dayColumns = ['day', 'domain_name', 'store', 'other', 'kind', 'events', 'store_ms', 'other_ms'] as const;

/** Adds where the database is: two processes that count at once lose nothing. */
export const upsertDays = (dialect: Dialect, rows: number): string => {
  const { fresh, kept } = wordsOf(dialect, tables.days);
  const sum = (column: string): string => `${column} = ${kept(column)} + ${fresh(column)}`;
  const key = 'day, domain_name, store, other, kind';
  return upsert(dialect, { table: tables.days, columns: dayColumns, key, rows }, ['events', 'store_ms', 'other_ms'].map(sum));
};

export const disabledColumns = ['user_name', 'store', 'since'] as const;

export const upsertDisabled = (dialect: Dialect, rows: number): string => {
  const { kept } = wordsOf(dialect, tables.disabled);
  return upsert(dialect, { table: tables.disabled, columns: disabledColumns, key: 'user_name, store', rows }, [`since = ${kept('since')}`]);
};

export const enabledColumns = ['user_name', 'store'] as const;

export const deleteDisabled = (_dialect: Dialect, rows: number): string => {
  const row = (_: unknown, index: number): string => `(user_name = {v${index * 2}} and store = {v${index * 2 + 1}})`;
  return `delete from ${tables.disabled} where ${Array.from({ length: rows }, row).join(' or ')}`;
};

export const writerColumns = ['writer', 'batch', 'at'] as const;

export const upsertWriters = (dialect: Dialect, rows: number): string => {
  const { fresh } = wordsOf(dialect, tables.writers);
  const settings = ['batch', 'at'].map((column) => `${column} = ${fresh(column)}`);
  return upsert(dialect, { table: tables.writers, columns: writerColumns, key: 'writer', rows }, settings);
};
