import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, type DatabaseServer } from '@postern/testkit';
import { ask, bound, never, open } from './support/open.js';

const setup = "create table t (a varchar(60) primary key, b varchar(60)); insert into t values ('one', '1'), ('two', '2');";

describeWithServers({ describe, it }, 'what only MariaDB has', () => {
  const procedures = `
delimiter //
create procedure b_of(in name varchar(60)) begin select b, 7 as n from t where a = name; select 'more'; end //
create procedure none(in name varchar(60)) begin do 1; end //`;
  let room: ServerRoom;
  let server: DatabaseServer;
  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startMariadb(room, { setup: `${setup}${procedures}` });
  }, 120_000);
  afterAll(() => room.close());

  it('calls a row changed that is another one afterwards: inserted, or updated by an insert, and not one that was only looked at', async () => {
    const { database } = open(server.url, {}, true);
    const upsert = ask('insert into t values ({a}, {b}) on duplicate key update b = if(b <=> {c}, {b}, b)', 'mysql');
    const change = (a: string, b: string, c: string | null) => database.change(upsert, bound({ a, b, c }), never);
    expect(await change('three', '3', null)).toBe(1);
    expect(await change('three', '4', '3')).toBe(1);
    expect(await change('three', '5', '3')).toBe(0);
    expect(await server.sql("select b from t where a = 'three'")).toBe('4\n');
    await database.stop();
  });

  it('takes the rows of a procedure', async () => {
    const { database } = open(server.url);
    const call = (text: string) => database.query(ask(text, 'mysql'), bound({ a: 'one' }), never);
    for (let asked = 0; asked < 2; asked += 1) expect(await call('call b_of({a})')).toEqual({ columns: ['b', 'n'], rows: [['1', '7']] });
    await expect(call('call none({a})')).rejects.toThrow(/gives no rows/);
    expect(await call('select b from t where a = {a}')).toEqual({ columns: ['b'], rows: [['1']] });
    await database.stop();
  });
});
