import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startPostgres, type DatabaseServer } from '@postern/testkit';
import { ask, bound, never, open, type Opened } from './support/open.js';

const people = Array.from({ length: 40 }, (_, index) => `user${index}`);
const setup = `create table t (a varchar(60) primary key, b varchar(60)); insert into t values ${people.map((name) => `('${name}', 'of ${name}')`).join(', ')};`;

describeWithServers({ describe, it }, 'questions of one turn on one PostgreSQL connection', () => {
  let room: ServerRoom;
  let server: DatabaseServer;
  let opened: Opened;

  const find = ask('select b from t where a = {a}', 'postgres');
  const slowFor = ask('select pg_sleep(case when {a} = {b} then 20 else 0 end)::text', 'postgres');
  const rowOf = async (name: string): Promise<unknown> => (await opened.database.query(find, bound({ a: name }), never)).rows[0]?.[0];

  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startPostgres(room, { setup });
  }, 120_000);

  beforeEach(async () => {
    opened = open(server.url, { pool: { max: 2 }, timeout: '4s' });
    await rowOf('user0');
  });

  afterEach(async () => {
    await opened.database.stop();
    expect(opened.database.connections + opened.clock.pending).toBe(0);
  });

  afterAll(() => room.close());

  it('get each its own answer, on no more connections than are allowed', async () => {
    expect(await Promise.all(people.map(rowOf))).toEqual(people.map((name) => `of ${name}`));
    expect(opened.database.connections).toBeLessThanOrEqual(2);
  });

  it('are none the worse for a companion whose statement fails', async () => {
    const divide = ask('select (1 / length({a}))::text', 'postgres');
    const failing = opened.database.query(divide, bound({ a: '' }), never);
    const asked = [rowOf('user1'), failing, rowOf('user2')];
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('are asked again on a new connection when theirs dies, every one of them', async () => {
    await server.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postern'");
    expect(await Promise.all(people.slice(0, 8).map(rowOf))).toEqual(people.slice(0, 8).map((name) => `of ${name}`));
  });

  it('do not wait for one that was asked in an earlier turn and takes long', async () => {
    const slow = opened.database.query(slowFor, bound({ a: 'x', b: 'x' }), never);
    slow.catch(() => undefined);
    await new Promise(setImmediate);
    expect(await Promise.all(people.map(rowOf))).toEqual(people.map((name) => `of ${name}`));
    await opened.database.stop();
    await expect(slow).rejects.toThrow();
  });

  it('come to an answer or an error with one that takes too long, and the connection is used again by nobody', async () => {
    const given = new AbortController();
    const slow = opened.database.query(slowFor, bound({ a: 'x', b: 'x' }), given.signal);
    const companion = rowOf('user3');
    given.abort();
    await expect(slow).rejects.toThrow('given up');
    expect(await rowOf('user4')).toBe('of user4');
    // The server ends the slow statement in time, and what came behind it is answered.
    expect(await companion).toBe('of user3');
  });
});
