import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres } from '@postern/testkit';
import { StatementFailed, Unreachable } from '@postern/sql';
import { OpenDatabases } from './support/open-databases.js';
import { ask, bound, never } from './support/open.js';

/** Two databases of one server stand for two servers; in the first, the function fails as that server would. */
describeWithServers({ describe, it }, 'a statement that one server cannot carry out', () => {
  let room: ServerRoom;
  let databases = new OpenDatabases();
  beforeAll(async () => {
    room = await ServerRoom.open();
  });
  afterEach(async () => {
    await databases.stop();
    databases = new OpenDatabases();
  });
  afterAll(() => room.close());

  it('is asked at the next: PostgreSQL', async () => {
    const failing = (code: string): string =>
      `create or replace function f() returns text language plpgsql as $$ begin raise exception 'own trouble' using errcode = '${code}'; end $$;`;
    const server = await startPostgres(room);
    const { url } = server;
    await server.sql('create database other owner postern');
    await server.sql("\\c other\ncreate function f() returns text language sql as $$ select 'from the other' $$;");
    const two = [url, url.replace(/mail$/, 'other')];
    for (const code of ['40001', '53100', '53200', '58030', 'XX001']) {
      await server.sql(failing(code));
      const database = databases.open(two);
      expect((await database.query(ask('select f()', 'postgres'), bound(), never)).rows).toEqual([['from the other']]);
      expect(await database.health()).toEqual({ status: 'degraded', note: 'own trouble' });
      await expect(databases.open(url).query(ask('select f()', 'postgres'), bound(), never)).rejects.toThrow(StatementFailed);
    }
    await server.sql(failing('P0001'));
    await expect(databases.open(two).query(ask('select f()', 'postgres'), bound(), never)).rejects.toThrow('own trouble');
  }, 120_000);

  it('is asked at the next: MariaDB, a Galera node without its cluster, and a proxy without servers', async () => {
    const failing = (code: number): string =>
      `create or replace procedure p() signal sqlstate 'HY000' set mysql_errno = ${code}, message_text = 'own trouble'`;
    const server = await startMariadb(room);
    const { url } = server;
    await server.sql("create database other; grant all on other.* to postern@'%'; create procedure other.p() select 'from the other'");
    const two = [url, url.replace(/mail$/, 'other')];
    for (const code of [1021, 1030, 1041, 1047, 1194, 9001]) {
      await server.sql(failing(code));
      const database = databases.open(two);
      expect([code, (await database.query(ask('call p()', 'mysql'), bound(), never)).rows]).toEqual([code, [['from the other']]]);
      expect(await database.health()).toMatchObject({ status: 'degraded' });
    }
    await expect(databases.open(url).query(ask('call p()', 'mysql'), bound(), never)).rejects.toThrow(Unreachable);
    await server.sql(failing(1644));
    await expect(databases.open(two).query(ask('call p()', 'mysql'), bound(), never)).rejects.toThrow('own trouble');
  }, 120_000);

  it('is not asked of a user whose kind of login is not spoken here', async () => {
    const server = await startMariadb(room, { name: 'ed', settings: { 'plugin-load-add': 'auth_ed25519' } });
    const { url } = server;
    await server.sql("create user ed@'%' identified via ed25519 using password('pw'); grant all on mail.* to ed@'%'");
    const database = databases.open(url.replace(/\/\/[^@]*@/, '//ed:pw@'));
    await expect(database.start(never)).rejects.toThrow(
      'the server wants the login by client_ed25519, which is not spoken here; give the user',
    );
  }, 120_000);
});
