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
      ...['t', 'f', null, '42', '9007199254740993', '1.50', 'x  ', '2026-01-02'],
      ...['2026-01-02 03:04:05', '{"b": 1, "a": [2]}', '{a,b}', '10.0.0.1', 'ü'],
    ]);
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
