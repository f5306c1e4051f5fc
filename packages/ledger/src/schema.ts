import type { Dialect } from '@postern/sql';

export const tables = {
  users: 'postern_migration_users',
  disabled: 'postern_migration_disabled',
  days: 'postern_migration_days',
  steps: 'postern_migration_steps',
  writers: 'postern_migration_writers',
} as const;

/** Names are ASCII and compared byte by byte: MySQL's texts would take `a` for `A`, and `a ` for `a`. */
const textTypes: Readonly<Record<Dialect, (bytes: number) => string>> = {
  postgres: () => 'text',
  mysql: (bytes) => `varbinary(${bytes})`,
  sqlite: () => 'text',
};

const textIn =
  (dialect: Dialect) =>
  (name: string, bytes: number): string =>
    `${name} ${textTypes[dialect](bytes)} not null`;

const number = (name: string): string => `${name} bigint not null`;

/** What makes the tables where they are not there yet. Moments are milliseconds since 1970, 0 for never; texts are empty for none. */
export const schemaOf = (dialect: Dialect): readonly string[] => {
  const text = textIn(dialect);
  const table = (name: string, columns: readonly string[], key: string): string =>
    `create table if not exists ${name} (${columns.join(', ')}, primary key (${key}))`;
  return [
    table(
      tables.users,
      [
        ...[text('user_name', 512), text('domain_name', 255), number('first_seen'), number('last_seen'), text('last_store', 64)],
        ...[number('captured_at'), text('captured_into', 64), text('captured_from', 64), text('captured_scheme', 32)],
        ...[text('captured_digest', 64), number('capturing_at'), text('capturing_into', 64), text('capturing_digest', 64)],
        ...[number('compared_at'), text('compared_kind', 32), text('compared_class', 16), number('compared_since')],
        number('compared_turns'),
      ],
      'user_name',
    ),
    table(tables.disabled, [text('user_name', 512), text('store', 64), number('since')], 'user_name, store'),
    table(
      tables.days,
      [
        ...[text('day', 10), text('domain_name', 255), text('store', 64), text('other', 64), text('kind', 32)],
        ...[number('events'), number('store_ms'), number('other_ms')],
      ],
      'day, domain_name, store, other, kind',
    ),
    table(tables.steps, [number('at'), text('step', 64), text('reason', 2048)], 'at, step'),
    table(tables.writers, [text('writer', 32), number('batch'), number('at')], 'writer'),
  ];
};

/** A column that tables of an earlier version do not have. */
export interface LaterColumn {
  /** Fails where it is missing. */
  readonly probe: string;
  readonly add: string;
}

/** Rows from before hold nothing in them. */
export const laterColumns = (dialect: Dialect): readonly LaterColumn[] => {
  const text = textIn(dialect);
  const columns = [
    { name: 'captured_digest', add: `${text('captured_digest', 64)} default ''` },
    { name: 'capturing_at', add: `${number('capturing_at')} default 0` },
    { name: 'capturing_into', add: `${text('capturing_into', 64)} default ''` },
    { name: 'capturing_digest', add: `${text('capturing_digest', 64)} default ''` },
  ];
  return columns.map(({ name, add }) => ({
    probe: `select ${name} from ${tables.users} where 1 = 0`,
    add: `alter table ${tables.users} add column ${add}`,
  }));
};

/** Fails where a table is missing. */
export const probe = `select ${Object.values(tables)
  .map((name) => `(select count(*) from ${name} where 1 = 0)`)
  .join(', ')}`;
