import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres, type DatabaseServer } from '@postern/testkit';
import { StatementFailed, type Database } from '@postern/sql';
import { ask, bound, never } from './support/open.js';
import { OpenDatabases } from './support/open-databases.js';

const setup = "create table t (a varchar(60) primary key, b varchar(60)); insert into t values ('one', '1'), ('two', '2');";

const kinds = [
  { kind: 'PostgreSQL', start: startPostgres, dialect: 'postgres', readOnly: { default_transaction_read_only: 'on' } },
  { kind: 'MariaDB', start: startMariadb, dialect: 'mysql', readOnly: { 'read-only': '1' } },
] as const;

describeWithServers({ describe, it }, 'a change at a database server', () => {
  describe.each(kinds)('$kind', ({ start, dialect, readOnly }) => {
    let room: ServerRoom;
    let server: DatabaseServer;
    let databases = new OpenDatabases();

    beforeAll(async () => {
      room = await ServerRoom.open();
      server = await start(room, { setup });
    }, 120_000);

    afterEach(async () => {
      await databases.stop();
      expect(databases.left).toBe(0);
      databases = new OpenDatabases();
    });

    afterAll(() => room.close());

    const use = (...args: Parameters<OpenDatabases['open']>): Database => databases.open(...args);
    const one = bound({ a: 'one' });
    const rows = async (database: Database, text = 'select b from t where a = {a}', values = one) =>
      (await database.query(ask(text, dialect), values, never)).rows;

    it('changes one row or none: what would change more is taken back', async () => {
      const database = use(server.url, {}, true);
      const change = (text: string) => database.change(ask(text, dialect), bound({ a: 'one', b: 'new' }), never);
      expect(await change('update t set b = {b} where a = {a}')).toBe(1);
      expect(await rows(database)).toEqual([['new']]);
      expect(await change("update t set b = {b} where a = {a} and b = 'old'")).toBe(0);
      await expect(change("update t set b = 'all' where a <> {a} or a = {a} or b = {b}")).rejects.toThrow(/2 rows/);
      expect(await rows(database, 'select b from t order by a', bound())).toEqual([['new'], ['2']]);
      await expect(rows(database, "update t set b = 'x' where a = {a} and b = 'none'")).rejects.toThrow(/gives no rows/);
      await expect(change('update nothing set b = {b} where a = {a}')).rejects.toThrow(StatementFailed);
      expect(await change("update t set b = '1' where a = {a} and b = {b}")).toBe(1);
    });

    it('does a batch together or not at all, whatever each statement changes', async () => {
      const database = use(server.url, {}, true);
      const order = (text: string, values: Record<string, string>) => ({ statement: ask(text, dialect), bindings: bound(values) });
      const put = "insert into t values ({a}, 'new')";
      await database.batch([order(put, { a: 'x1' }), order(put, { a: 'x2' })], never);
      await database.batch([order("update t set b = 'both' where b = {b}", { b: 'new' })], never);
      expect(await rows(database, "select a from t where b = 'both' order by a", bound())).toEqual([['x1'], ['x2']]);
      const broken = database.batch([order("update t set b = 'no' where b = {b}", { b: 'both' }), order(put, { a: 'x1' })], never);
      await expect(broken).rejects.toThrow(StatementFailed);
      expect(await rows(database, "select count(*) from t where b = 'both'", bound())).toEqual([['2']]);
      await database.batch([order('delete from t where b = {b}', { b: 'both' })], never);
      expect(await rows(database, 'select a from t order by a', bound())).toEqual([['one'], ['two']]);
    });

    it('changes a row once, however many see the same value and want to replace it', async () => {
      const database = use(server.url, { pool: { max: 6 }, timeout: '5s' }, true);
      const swap = ask('update t set b = {b} where a = {a} and b = {c}', dialect);
      const each = async (_: unknown, index: number) => database.change(swap, bound({ a: 'one', b: `by ${index}`, c: '1' }), never);
      const outcomes = await Promise.all(Array.from({ length: 6 }, each));
      expect(outcomes.filter((changed) => changed === 1)).toHaveLength(1);
      expect(outcomes.filter((changed) => changed === 0)).toHaveLength(5);
      expect(await rows(database)).toEqual([[`by ${outcomes.indexOf(1)}`]]);
      expect(await database.change(ask('update t set b = {b} where a = {a}', dialect), bound({ a: 'one', b: '1' }), never)).toBe(1);
    });

    it('says nothing of what was to be kept when that fails', async () => {
      const database = use(server.url, {}, true);
      await server.sql(`create table numbers (a integer); ${dialect === 'postgres' ? 'grant all on numbers to postern;' : ''}`);
      const kept = database.change(ask('insert into numbers values ({a})', dialect), bound({ a: 'geheim' }), never);
      const trouble: unknown = await kept.catch((error: unknown) => error);
      expect(trouble).toMatchObject({ name: 'StatementFailed', code: dialect === 'postgres' ? '22P02' : '1366' });
      expect(inspect([trouble, await database.health(), databases.lastLog], { depth: 9 })).not.toContain('geheim');
    });

    it('passes over a server that only reads when something is to be changed', async () => {
      const replica = await start(room, {
        name: 'replica',
        setup,
        settings: readOnly,
      });
      const database = use([replica.url, server.url], {}, true);
      const abort = new AbortController();
      expect(await database.change(ask('update t set b = {b} where a = {a}', dialect), bound({ a: 'two', b: 'kept' }), abort.signal)).toBe(
        1,
      );
      expect(await rows(database, 'select b from t where a = {a}', bound({ a: 'two' }))).toEqual([['2']]);
      expect((await server.sql("select b from t where a = 'two'")).trim()).toBe('kept');
      expect(await database.health()).toEqual({ status: 'up' });
      const only = use(replica.url, {}, true);
      await expect(only.change(ask('update t set b = {b} where a = {a}', dialect), bound({ a: 'two', b: 'x' }), never)).rejects.toThrow(
        /read.only/i,
      );
      await replica.stop();
    }, 120_000);
  });
});
