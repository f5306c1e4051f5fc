import { createServer, type Server } from 'node:net';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  describeCredentialStore,
  describeStoreOutages,
  describeWithServers,
  ServerRoom,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { ann, enrollOf, fresh, hasty, liveServices, makeStore, many, off, peopleConfig, peopleSql, runner } from './support/people.js';
import { createSqlite } from './support/sqlite.js';

const common = { services: liveServices, known: ann, unknown: 'nobody@example.org', disabled: off, many, keeps: { fresh } };
const keeping = (dialect: 'postgres' | 'mysql' | 'sqlite') => ({ enroll: enrollOf(dialect), noPassword: 'unknown-user' });

describeWithServers({ describe, it }, 'sql on database servers', () => {
  describe.each([
    ['PostgreSQL', startPostgres, 'pg_sleep(30)', 'postgres'],
    ['MariaDB', startMariadb, 'sleep(30)', 'mysql'],
  ] as const)('%s', (kind, start, slow, dialect) => {
    let room: ServerRoom;
    let server: DatabaseServer;
    let silent: Server;
    let closed: number;

    beforeAll(async () => {
      room = await ServerRoom.open();
      server = await start(room, { setup: peopleSql });
      silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
      const other = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => other.once('listening', resolve));
      closed = (other.address() as AddressInfo).port;
      await new Promise((resolve) => other.close(resolve));
    }, 120_000);

    afterAll(async () => {
      silent.close();
      await room.close();
    });

    const at =
      (port: () => number, more: object = {}) =>
      (services: ReturnType<typeof liveServices>) =>
        makeStore(peopleConfig(server.url.replace(String(server.port), String(port())), more), services);
    const silentPort = (): number => (silent.address() as AddressInfo).port;

    describeCredentialStore(runner, {
      ...common,
      name: `sql on ${kind}`,
      make: at(() => server.port, keeping(dialect)),
      hanging: at(() => server.port, { timeout: '30s', query: `select password, ${slow} from people where email = {user}` }),
      failingStart: at(() => closed, hasty),
      outages: {
        refused: at(() => closed, { ...hasty, ...keeping(dialect) }),
        silent: at(silentPort, { ...hasty, ...keeping(dialect) }),
        'no such table': (services) =>
          makeStore({ ...peopleConfig(server.url, hasty), query: 'select password from nothing where a = {user}' }, services),
        'another password': (services) => makeStore(peopleConfig(server.url.replace('tests', 'wrong'), hasty), services),
        'no such database': (services) => makeStore(peopleConfig(server.url.replace(/mail$/, 'nothing'), hasty), services),
        'a server without TLS': (services) => makeStore(peopleConfig(server.url, { ...hasty, tls: true }), services),
      },
    });

    describeStoreOutages(runner, {
      name: `sql on ${kind}`,
      upstream: () => server,
      make: ({ host, port }, services) =>
        makeStore(peopleConfig(server.url.replace(`${server.host}:${server.port}`, `${host}:${port}`), hasty), services),
      good: ann,
      timeoutMs: 600,
      untrusted: {
        'no TLS at all': ({ host, port }, services) =>
          makeStore(
            peopleConfig(server.url.replace(`${server.host}:${server.port}`, `${host}:${port}`), { ...hasty, tls: true }),
            services,
          ),
      },
    });
  });
});

describe('sql on SQLite', () => {
  let room: ServerRoom;

  beforeAll(async () => {
    room = await ServerRoom.open();
    await createSqlite(room.path('people.db'), peopleSql);
    await createSqlite(room.path('empty.db'), 'create table other (a text)');
    await writeFile(room.path('garbage.db'), 'This is no database. '.repeat(500));
  });

  afterAll(() => room.close());

  const file = (name: string) => (services: ReturnType<typeof liveServices>) =>
    makeStore(peopleConfig(`sqlite:${name}`, keeping('sqlite')), services, room.folder);

  describeCredentialStore(runner, {
    ...common,
    name: 'sql on SQLite',
    make: file('people.db'),
    failingStart: file('missing.db'),
    outages: { missing: file('missing.db'), garbage: file('garbage.db'), 'another schema': file('empty.db') },
    skip: { 'aborted-during': 'a file answers or fails; a statement that takes long has its own test' },
  });
});
