import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isOfThisLogin } from '@postern/contract';
import { describeWithServers, ServerRoom, startMariadb, startPostgres, type DatabaseServer } from '@postern/testkit';
import { StatementFailed, type Dialect } from '@postern/sql';
import { ask, bound, never, open } from './support/open.js';

const setup = (letters: string): string =>
  `create table t (a varchar(60) ${letters} primary key, b varchar(60)); insert into t values ('ann', '1'), ('?', '2');`;

const found = async (url: string, dialect: Dialect, names: readonly string[]): Promise<readonly unknown[]> => {
  const { database } = open(url, { pool: { max: 1 } });
  const heard: unknown[] = [];
  for (const a of names) {
    const rows = database.query(ask('select b from t where a = {a}', dialect), bound({ a }), never).then((answer) => answer.rows);
    heard.push(await rows.catch((error: unknown) => (error instanceof StatementFailed && isOfThisLogin(error) ? 'cannot tell' : error)));
  }
  // What anybody may type makes no server one that is in trouble, and costs no connection.
  expect([database.connections, await database.health()]).toEqual([1, { status: 'up' }]);
  await database.stop();
  return heard;
};

describeWithServers({ describe, it }, 'a name in letters that the database does not have', () => {
  let room: ServerRoom;
  beforeAll(async () => {
    room = await ServerRoom.open();
  });
  afterAll(() => room.close());

  describe('MariaDB', () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await startMariadb(room);
    }, 120_000);

    it.each([
      ['ascii', ['j\u00fcrgen', '\u6f22', '\u{1f600}'], []],
      ['latin1', ['\u6f22', '\u{1f600}', '\u0140'], ['j\u00fcrgen']],
      ['utf8mb3', ['\u{1f600}'], ['j\u00fcrgen', '\u6f22']],
      ['utf8mb4', [], ['j\u00fcrgen', '\u6f22', '\u{1f600}']],
    ])('is neither found nor ruled out in %s', async (letters, strange, usual) => {
      await server.sql(`drop table if exists t; ${setup(`character set ${letters}`)}`);
      const expected = [[['1']], ...strange.map(() => 'cannot tell'), ...usual.map(() => []), []];
      expect(await found(server.url, 'mysql', ['ann', ...strange, ...usual, 'nobody'])).toEqual(expected);
    });

    it('does not hide a statement that works for nobody', async () => {
      await server.sql(`drop table if exists t; ${setup('')}`);
      const { database } = open(server.url);
      const mixed = ask("select b from t where a = {a} and _latin1'x' collate latin1_bin = _latin1'x' collate latin1_swedish_ci", 'mysql');
      const trouble: unknown = await database.query(mixed, bound({ a: 'ann' }), never).catch((error: unknown) => error);
      expect([trouble instanceof StatementFailed, isOfThisLogin(trouble)]).toEqual([true, false]);
      expect(await database.health()).toMatchObject({ status: 'degraded' });
      await database.stop();
    });
  });

  describe('PostgreSQL', () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await startPostgres(room);
    }, 120_000);

    it.each([
      ['LATIN1', ['\u6f22', '\u{1f600}', '\u0140'], ['j\u00fcrgen']],
      // It may hold J\u00fcrgen in Latin-1.
      ['SQL_ASCII', ['j\u00fcrgen', '\u6f22', '\u{1f600}'], []],
      ['UTF8', [], ['j\u00fcrgen', '\u6f22', '\u{1f600}']],
    ])('is neither found nor ruled out in %s', async (letters, strange, usual) => {
      const name = `in_${letters.toLowerCase()}`;
      await server.sql(`create database ${name} encoding '${letters}' locale 'C' template template0 owner postern;\n\\connect ${name}\n
        set role postern; ${setup('')}`);
      const url = server.url.replace(/[^/]*$/, name);
      const expected = [[['1']], ...strange.map(() => 'cannot tell'), ...usual.map(() => []), []];
      expect(await found(url, 'postgres', ['ann', ...strange, ...usual, 'nobody'])).toEqual(expected);
    });

    it('is neither found nor ruled out, either, where it is no number and the column holds numbers', async () => {
      await server.sql(
        "drop table if exists t; set role postern; create table t (a int primary key, b text); insert into t values (7, '1')",
      );
      const names = ['7', 'admin', '99999999999999', 'a"b\\', '7.0', '8'];
      const expected = [[['1']], ...['admin', '99999999999999', 'a"b\\', '7.0'].map(() => 'cannot tell'), []];
      expect(await found(server.url, 'postgres', names)).toEqual(expected);
    });

    it('does not hide rows that do not fit', async () => {
      await server.sql("drop table if exists t; set role postern; create table t (a text, b text); insert into t values ('ann', 'x')");
      const { database } = open(server.url);
      const cast = database.query(ask('select b::int from t where a = {a}', 'postgres'), bound({ a: 'ann' }), never);
      const trouble: unknown = await cast.catch((error: unknown) => error);
      expect([trouble instanceof StatementFailed, isOfThisLogin(trouble)]).toEqual([true, false]);
      await database.stop();
    });
  });
});
