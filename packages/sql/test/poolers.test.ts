import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startPostgres, type DatabaseServer } from '@postern/testkit';
import { ReadOnly } from '@postern/sql';
import { OpenDatabases } from './support/open-databases.js';
import { ask, bound, never } from './support/open.js';

let databases = new OpenDatabases();
afterEach(async () => {
  await databases.stop();
  databases = new OpenDatabases();
});

/** Message of the server: its letter, its length, its body. */
const message = (letter: string, body: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
};

const authenticated = message('R', Buffer.alloc(4));
const ready = message('Z', 'I');
const selected = Buffer.concat([
  message('T', Buffer.concat([Buffer.from([0, 1]), Buffer.from('?column?\0'), Buffer.from('000000000000000000170004ffffffff0000', 'hex')])),
  message('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1]), Buffer.from('1')])),
  message('C', 'SELECT 1\0'),
  ready,
]);

/** As PgBouncer 1.18.0 (Debian 1.18.0-1+deb12u1) writes its own errors; read off a plain socket. */
const pgbouncerError = (words: string): Buffer => message('E', `SFATAL\0C08P01\0M${words}\0\0`);

/** Lets everybody in and answers each first word of a statement with `says`. */
const scripted = async (
  says: (statement: string) => Buffer,
  greets: Buffer = Buffer.concat([authenticated, ready]),
): Promise<NetServer> => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(greets);
      socket.on('data', (bytes: Buffer) => {
        if (bytes.toString('latin1', 0, 1) !== 'Q') return;
        const answer = says(bytes.toString('utf8', 5, bytes.length - 1));
        if (answer.toString('latin1').startsWith('E')) socket.end(answer);
        else socket.write(answer);
      });
    });
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return server;
};
const urlOf = (server: NetServer): string => `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`;

describe('a pooler in front of PostgreSQL', () => {
  const servers: NetServer[] = [];
  const serve = async (...given: Parameters<typeof scripted>): Promise<string> => {
    const server = await scripted(...given);
    servers.push(server);
    return urlOf(server);
  };
  afterAll(async () => {
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  });

  it('that works by statement takes no changes, and logins go on', async () => {
    const url = await serve((statement) =>
      statement === 'begin' ? pgbouncerError('transaction blocks not allowed in statement pooling mode') : selected,
    );
    const database = databases.open(url, { prepare: false }, true);
    await database.start(never);
    const change = database.change(ask('update t set b = {b}', 'postgres'), bound({ b: 'x' }), never);
    await expect(change).rejects.toThrow(ReadOnly);
    expect(await database.health()).toEqual({ status: 'up' });
  });

  it('that does not know the setting for the time of a statement is told about with what to do', async () => {
    const url = await serve(() => selected, pgbouncerError('unsupported startup parameter: statement_timeout'));
    const database = databases.open(url);
    await expect(database.start(never)).rejects.toThrow(/unsupported startup parameter: statement_timeout \(a pooler: .*prepare: false/);
  });
});

describeWithServers({ describe, it }, 'a session of PostgreSQL on which somebody else works, too', () => {
  let room: ServerRoom;
  let server: DatabaseServer;
  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startPostgres(room, { setup: "create table t (a text primary key, b text); insert into t values ('one', '1');" });
  }, 120_000);
  afterAll(() => room.close());

  const byA = ask('select b from t where a = {a}', 'postgres');
  const forget = async (database: ReturnType<OpenDatabases['open']>): Promise<void> => {
    await expect(database.query(ask('deallocate all', 'postgres'), bound(), never)).rejects.toThrow(/gives no rows/);
  };

  it('gets its statements without names once one of these was taken away or used', async () => {
    const database = databases.open(server.url, { pool: { max: 1 } });
    const one = async () => (await database.query(byA, bound({ a: 'one' }), never)).rows;
    const prepared = async () =>
      (await database.query(ask('select count(*) from pg_prepared_statements', 'postgres'), bound(), never)).rows;
    expect(await one()).toEqual([['1']]);
    for (let round = 0; round < 3; round += 1) {
      await forget(database);
      expect(await Promise.all([one(), one(), one()])).toEqual(Array(3).fill([['1']]));
    }
    expect(await prepared()).toEqual([['0']]);
    expect([database.connections, await database.health()]).toEqual([1, { status: 'up' }]);
  });

  it('changes rows all the same', async () => {
    const database = databases.open(server.url, { pool: { max: 1 } }, true);
    const change = () => database.change(ask('update t set b = {b} where a = {a}', 'postgres'), bound({ a: 'one', b: '1' }), never);
    expect(await change()).toBe(1);
    await forget(database);
    expect(await change()).toBe(1);
  });
});
