import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres } from '@postern/testkit';
import { ask, bound, never, open } from './support/open.js';

describeWithServers({ describe, it }, 'values of columns', () => {
  let room: ServerRoom;
  beforeAll(async () => {
    room = await ServerRoom.open();
  });
  afterAll(() => room.close());

  const only = async (url: string, dialect: 'postgres' | 'mysql', text: string): Promise<readonly (string | null)[]> => {
    const { database } = open(url);
    try {
      return (await database.query(ask(text, dialect), bound(), never)).rows[0] ?? [];
    } finally {
      await database.stop();
    }
  };

  it('are the texts that PostgreSQL shows', async () => {
    const { url } = await startPostgres(room);
    const text = `select true, false, null, 42, 9007199254740993::bigint, 1.50::numeric, 'x'::char(3), date '2026-01-02',
      timestamp '2026-01-02 03:04:05', '{"b": 1, "a": [2]}'::json, array['a','b'], '10.0.0.1'::inet, 'ü'`;
    expect(await only(url, 'postgres', text)).toEqual([
      ...['t', 'f', null, '42', '9007199254740993', '1.50', 'x', '2026-01-02'],
      ...['2026-01-02 03:04:05', '{"b": 1, "a": [2]}', '{a,b}', '10.0.0.1', 'ü'],
    ]);
  }, 120_000);

  it('come without what fills them up, and bytes as the text that they are', async () => {
    const server = await startPostgres(room, { name: 'bytes' });
    const { url } = server;
    const text = String.raw`select '{PLAIN}a b  '::char(60), 'a  '::varchar(9), 'n'::name, '\x7b53484135317dc3a4'::bytea, 'a\134b'::bytea, ''::bytea, null::bytea, array['x'::char(3)]`;
    const read = ['{PLAIN}a b', 'a  ', 'n', '{SHA51}ä', 'a\\b', '', null, '{"x  "}'];
    expect(await only(url, 'postgres', text)).toEqual(read);
    await server.sql("alter role postern set bytea_output = 'escape'");
    expect(await only(url, 'postgres', text)).toEqual(read);
  }, 120_000);

  it('come without what fills them up from MariaDB, too', async () => {
    const setup = `set sql_mode = ''; create table v (a char(9), b binary(9), c varbinary(9), d varchar(9), e enum('y','n'));
      insert into v values ('a b', 'a b', x'610000', 'a  ', 'y');`;
    const server = await startMariadb(room, { name: 'filled', setup });
    const { url } = server;
    const read = ['a b', 'a b', 'a\0\0', 'a  ', 'y'];
    expect(await only(url, 'mysql', 'select * from v')).toEqual(read);
    await server.sql("set global sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'");
    expect(await only(url, 'mysql', 'select * from v')).toEqual(read);
  }, 120_000);

  it('are the texts that MariaDB shows', async () => {
    const setup = `create table v (a tinyint(1), b bigint unsigned, c decimal(6,2), d date, e datetime, f bit(1), g bit(12), h varbinary(9), i json, j enum('y','n'), k text, l double);
      insert into v values (1, 18446744073709551615, 1.50, '2026-01-02', '2026-01-02 03:04:05', b'1', b'100000000001', 'raw', '{"b": 1}', 'y', 'ü€', 0.5)`;
    const { url } = await startMariadb(room, { setup });
    expect(await only(url, 'mysql', 'select v.*, null from v')).toEqual([
      ...['1', '18446744073709551615', '1.50', '2026-01-02', '2026-01-02 03:04:05', '1', '2049', 'raw', '{"b": 1}', 'y', 'ü€', '0.5', null],
    ]);
  }, 120_000);
});
