import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import {
  attempt,
  describeWithServers,
  parseConfig,
  ServerRoom,
  startMariadb,
  startPostgres,
  type DatabaseServer,
  type StoreUnderTest,
} from '@postern/testkit';
import { sqlPlugin } from '@postern/credential-sql';
import { enrollOf, liveServices, makeStore, never } from './support/people.js';
import { createSqlite } from './support/sqlite.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/stores/sql.md'), 'utf8');

/** The statement that the page names for a database, under a heading of its table. */
const fromPage = (table: string, label: string): string => {
  const [, part = ''] = page.split(`<!-- ${table} -->`);
  const [, statement] = new RegExp(`\\| ${label} +\\| +\`([^\`]+)\``).exec(part) ?? [];
  if (statement === undefined) throw new Error(`the page has no statement for ${label}`);
  return statement;
};

const hash = (name: string): string => `{PLAIN}${name}`;
const account = (user: string) => ({ user, attributes: {} });
const dialects = ['postgres', 'mysql', 'sqlite'] as const;
type Dialect = (typeof dialects)[number];
const labels = { postgres: 'PostgreSQL', mysql: 'MySQL', sqlite: 'SQLite' } as const;

describeWithServers({ describe, it }, 'hashes kept in a database', () => {
  let room: ServerRoom;
  let postgres: DatabaseServer;
  let mariadb: DatabaseServer;
  const opened: StoreUnderTest[] = [];

  beforeAll(async () => {
    room = await ServerRoom.open();
    [postgres, mariadb] = await Promise.all([startPostgres(room), startMariadb(room)]);
  }, 120_000);

  afterAll(async () => {
    for (const store of opened) await store.stop?.(never);
    await room.close();
  });

  let tables = 0;
  /** A store on a table of its own. */
  const open = async (dialect: Dialect, column: string, config: (table: string) => object, rows = ''): Promise<StoreUnderTest> => {
    tables += 1;
    const table = `kept_${tables}`;
    const sql = `create table ${table} (email varchar(190) primary key, password ${column}, enabled smallint not null default 1);${
      rows === '' ? '' : `insert into ${table} (email, password, enabled) values ${rows};`
    }`;
    if (dialect === 'sqlite') await createSqlite(room.path('kept.db'), sql);
    else await (dialect === 'postgres' ? postgres : mariadb).sql(dialect === 'postgres' ? `set role postern;\n${sql}` : sql);
    const url = { sqlite: `sqlite:${room.path('kept.db')}`, postgres: postgres.url, mysql: mariadb.url }[dialect];
    const query = `select password, enabled from ${table} where email = {user}`;
    const full = { url, query, allowWeak: ['PLAIN', 'SHA'], noPassword: 'unknown-user', timeout: '20s', ...config(table) };
    const store = makeStore(full, liveServices());
    opened.push(store);
    await store.start?.(never);
    return store;
  };
  const ask = (store: StoreUnderTest, user: string, password: string): Promise<Verdict> => store.verify(attempt({ user, password }), never);

  /** Where there is none, as a replacement, and away again. */
  const expectRound = async (store: StoreUnderTest, user: string): Promise<void> => {
    const kept = () => store.kept?.(user, never);
    expect(await kept()).toEqual({ kind: 'nothing' });
    expect(await store.enroll?.(account(user), { hash: hash('one'), previous: hash('x') }, never)).toEqual({ kind: 'conflict' });
    expect(await store.enroll?.(account(user), { hash: hash('one') }, never)).toEqual({ kind: 'enrolled' });
    expect(await store.enroll?.(account(user), { hash: hash('two') }, never)).toEqual({ kind: 'conflict' });
    expect(await store.enroll?.(account(user), { hash: hash('two'), previous: hash('one') }, never)).toEqual({ kind: 'enrolled' });
    expect((await ask(store, user, 'two')).kind).toBe('accepted');
    expect(await store.withdraw?.(user, hash('one'), never)).toEqual({ kind: 'conflict' });
    expect(await store.withdraw?.(user, hash('two'), never)).toEqual({ kind: 'enrolled' });
    expect(await kept()).toEqual({ kind: 'nothing' });
    expect((await ask(store, user, 'two')).kind).toBe('unknown-user');
    expect(await store.enroll?.(account(user), { hash: hash('three') }, never)).toEqual({ kind: 'enrolled' });
    expect(await kept()).toEqual({ kind: 'kept', hash: hash('three') });
  };

  describe.each(dialects)('%s', (dialect) => {
    it('are set and taken away by the statement of the page, where the row is there', async () => {
      const statement = fromPage('enroll: rows that are there', labels[dialect]);
      const store = await open(
        dialect,
        'varchar(255)',
        (table) => ({ enroll: statement.replaceAll('users', table) }),
        "('a@example.org', null, 1), ('b@example.org', '{PLAIN}of b', 1)",
      );
      await expectRound(store, 'a@example.org');
      expect((await ask(store, 'b@example.org', 'of b')).kind).toBe('accepted');
      expect(await store.enroll?.(account('c@example.org'), { hash: hash('one') }, never)).toEqual({ kind: 'conflict' });
    });

    it('are set and taken away by the statement of the page that makes the row as well', async () => {
      const statement = fromPage('enroll: rows that may be missing', labels[dialect]);
      const store = await open(
        dialect,
        'varchar(255)',
        (table) => ({ enroll: statement.replaceAll('users', table) }),
        "('a@example.org', null, 1), ('b@example.org', '{PLAIN}of b', 1)",
      );
      await expectRound(store, 'a@example.org');
      expect((await ask(store, 'b@example.org', 'of b')).kind).toBe('accepted');
      expect(await store.enroll?.(account('new@example.org'), { hash: hash('one') }, never)).toEqual({ kind: 'enrolled' });
      expect((await ask(store, 'new@example.org', 'one')).kind).toBe('accepted');
    });

    it('may stand in a column that is never NULL', async () => {
      const store = await open(
        dialect,
        "varchar(255) not null default ''",
        (table) => ({
          enroll: `update ${table} set password = {password} where email = {user} and password = coalesce({previous}, '')`,
          withdraw: `update ${table} set password = '' where email = {user} and password = {previous}`,
        }),
        "('a@example.org', '', 1)",
      );
      await expectRound(store, 'a@example.org');
    });

    it('leave the question who is disabled to the column for it', async () => {
      const config = (table: string) => ({ enroll: enrollOf(dialect).replace('people', table) });
      const store = await open(dialect, 'varchar(255)', config, "('off@example.org', null, 0)");
      expect(await ask(store, 'off@example.org', 'x')).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false });
      expect(await store.enroll?.(account('off@example.org'), { hash: hash('one') }, never)).toEqual({ kind: 'enrolled' });
      expect(await ask(store, 'off@example.org', 'one')).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
    });

    it('tell their scheme, also where the column does not, and are compared as they are written', async () => {
      const config = (table: string) => ({ enroll: enrollOf(dialect).replace('people', table), defaultScheme: 'PLAIN' });
      const store = await open(dialect, 'varchar(255)', config, "('a@example.org', 'bare', 1), ('b@example.org', '{PLAIN}said', 1)");
      expect(await store.kept?.('a@example.org', never)).toEqual({ kind: 'kept', hash: '{PLAIN}bare' });
      expect(await store.enroll?.(account('a@example.org'), { hash: hash('n'), previous: '{PLAIN}bare' }, never)).toEqual({
        kind: 'enrolled',
      });
      expect(await store.kept?.('b@example.org', never)).toEqual({ kind: 'kept', hash: '{PLAIN}said' });
      expect(await store.withdraw?.('b@example.org', '{PLAIN}said', never)).toEqual({ kind: 'enrolled' });
    });
  });

  it('cannot be taken away where a user without one is not unknown, or where the statement only inserts', async () => {
    const update = enrollOf('sqlite');
    const insert = 'insert into people (email, password) values ({user}, {password}) on conflict do nothing';
    const has = (config: object): boolean =>
      'withdraw' in makeStore({ url: 'sqlite:x', query: 'select password from people where email = {user}', ...config }, liveServices());
    expect(has({ enroll: update })).toBe(true);
    expect(has({ enroll: update, noPassword: 'reject' })).toBe(false);
    expect(has({ enroll: update, noPassword: 'unknown-user' })).toBe(true);
    expect(has({ enroll: insert, noPassword: 'unknown-user' })).toBe(false);
    expect(has({ noPassword: 'unknown-user' })).toBe(false);
    expect(
      has({ noPassword: 'unknown-user', enroll: insert, withdraw: 'delete from people where email = {user} and password = {previous}' }),
    ).toBe(true);
  });

  it('is advised on before the start', () => {
    const advice = (more: object) =>
      sqlPlugin
        .inspect?.(parseConfig(sqlPlugin, { url: 'sqlite:x', query: 'select password from people where email = {user}', ...more }))
        .advice?.map(({ path, severity }) => `${path.join('.')} ${severity}`);
    const withdraw = 'delete from people where email = {user} and password = {previous}';
    const enroll = enrollOf('sqlite');
    expect(advice({ enroll, withdraw, noPassword: 'unknown-user' })).toEqual([]);
    expect(advice({ enroll, withdraw })).toEqual([]);
    expect(advice({ enroll, withdraw, noPassword: 'reject' })).toEqual(['withdraw warning']);
    expect(advice({ withdraw, noPassword: 'unknown-user' })).toEqual(['withdraw warning']);
    expect(advice({ enroll, noPassword: 'unknown-user', withdraw: 'delete from people where email = {user}' })).toEqual(['withdraw error']);
    expect(advice({ enroll, noPassword: 'unknown-user', withdraw: "delete from people where email = '{user}'" })).toEqual([
      'withdraw error',
    ]);
  });
});
