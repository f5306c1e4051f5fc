import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  attempt,
  describeBackendRouter,
  describeWithServers,
  fakeServices,
  LiveClock,
  parseConfig,
  ServerRoom,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { tablePlugin } from '@postern/router-table';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const backends = ['mail-a', 'mail-b'];
const never = new AbortController().signal;
const schema = `create table homes (name varchar(190), host varchar(64));
insert into homes values ('ann@example.org', 'mail-a'), ('example.net', '10.0.0.1:1143'), ('ben', 'mx.example.org'), ('odd@example.org', 'no such backend'),
  ('null@example.org', null), ('empty@example.org', ''), ('twice@example.org', 'mail-a'), ('twice@example.org', 'mail-b');`;

const query = 'select host from homes where name = {key}';
const require = createRequire(import.meta.resolve('@postern/sql'));
const Libsql = require('libsql') as new (path: string) => { exec(sql: string): void; close(): void };

let room: ServerRoom;
beforeAll(async () => {
  room = await ServerRoom.open();
  const file = new Libsql(room.path('homes.db'));
  file.exec(schema);
  file.close();
});
afterAll(() => room.close());

const make = (sql: object, more: object = {}) =>
  tablePlugin.create(
    parseConfig(
      tablePlugin,
      { sql: { query, timeout: '20s', connectTimeout: '20s', ...sql }, ...more },
      { directory: room.folder, env: {} },
    ),
    { ...fakeServices({ backends }), clock: new LiveClock() },
  );
const account = (user: string) => ({ user, attributes: {} });
const suite = {
  backends,
  placed: [account('ann@example.org'), account('x@example.net'), account('ben')] as const,
  homeless: account('dora@example.com'),
};

describe('router table, from a SQLite file', () => {
  describeBackendRouter(runner, {
    ...suite,
    make: () => make({ url: 'sqlite:homes.db' }),
    outage: () => make({ url: 'sqlite:missing.db' }),
  });

  const locate = async (user: string, sql: object = {}, more: object = {}) => {
    const router = make({ url: 'sqlite:homes.db', ...sql }, more);
    try {
      return await router.locate(account(user), attempt({ user }), never);
    } finally {
      await router.stop?.(never);
    }
  };

  it('goes on to the next key where there is no value, and says homeless after the last', async () => {
    expect(await locate('null@example.net')).toMatchObject({ kind: 'placed', backends: [{ host: '10.0.0.1' }] });
    for (const user of ['null@example.org', 'empty@example.org']) expect(await locate(user)).toEqual({ kind: 'homeless' });
  });

  it('defers where two rows say two things, and where a value means nothing', async () => {
    expect(await locate('twice@example.org')).toMatchObject({ kind: 'deferred' });
    expect(await locate('odd@example.org')).toMatchObject({ kind: 'deferred' });
  });

  it('asks once with the account where the query does not ask for a key', async () => {
    const whole = { query: "select host from homes where name = {user} or name = {domain} or name = {local} || '@' || {domain}" };
    expect(await locate('ann@example.org', whole)).toMatchObject({ kind: 'placed', backends: [{ name: 'mail-a' }] });
    expect(await locate('nobody@example.org', whole)).toEqual({ kind: 'homeless' });
  });

  it('says at the start that the query does not work', async () => {
    const router = make({ url: 'sqlite:homes.db', query: 'select home from homes where name = {key}' });
    await expect(router.start?.(never)).rejects.toThrow(/no such column/);
    expect(await router.locate(account('ann@example.org'), attempt(), never)).toMatchObject({ kind: 'deferred' });
    expect(await router.health?.(never)).toMatchObject({ status: 'degraded' });
    await router.stop?.(never);
  });

  it('is refused by check where nothing would be bound, or nobody asked for', () => {
    const check = (sql: object, more: object = {}) =>
      tablePlugin.inspect?.(
        parseConfig(tablePlugin, { sql: { url: 'sqlite:homes.db', ...sql }, ...more }, { directory: room.folder, env: {} }),
      );
    expect(check({ query })).toMatchObject({ namesBackendsAtRunTime: true, advice: [] });
    expect(check({ query: "select host from homes where name = '{key}'" })?.advice).toMatchObject([
      { severity: 'error', path: ['sql', 'query'] },
    ]);
    expect(check({ query: 'select host from homes where name = {clientIp}' })?.advice).toMatchObject([{ severity: 'error' }]);
    expect(check({ query: 'select host from homes' })?.advice).toMatchObject([{ severity: 'error' }]);
    expect(check({ query: 'select host from homes where name = {user}' }, { keys: ['{local}'] })?.advice).toMatchObject([
      { severity: 'warning', path: ['keys'] },
    ]);
    expect(() => parseConfig(tablePlugin, { sql: { url: 'sqlite:x', query }, map: {} })).toThrow(/only one/);
  });
});

describeWithServers({ describe, it }, 'router table, from PostgreSQL', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startPostgres(room, { setup: schema });
  }, 120_000);

  describeBackendRouter(runner, {
    ...suite,
    make: () => make({ url: server.url }),
    outage: () => make({ url: server.url.replace(/mail$/, 'nothing') }),
  });

  it('goes on when the database comes back', async () => {
    const router = make({ url: server.url });
    await router.start?.(never);
    const locate = () => router.locate(account('ann@example.org'), attempt(), never);
    expect(await locate()).toMatchObject({ kind: 'placed' });
    await server.stop();
    expect(await locate()).toMatchObject({ kind: 'deferred' });
    await server.start();
    while ((await locate()).kind !== 'placed') await setTimeout(10);
    await router.stop?.(never);
  });
});
