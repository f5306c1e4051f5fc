import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  describeWithServers,
  FaultyProxy,
  ServerRoom,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { GivenUp, StatementFailed, Unreachable, type Database } from '@postern/sql';
import { ask, bound, never } from './support/open.js';
import { OpenDatabases } from './support/open-databases.js';

const setup = "create table t (a varchar(60) primary key, b varchar(60)); insert into t values ('one', '1'), ('two', '2');";

const kinds = [
  {
    kind: 'PostgreSQL',
    start: startPostgres,
    dialect: 'postgres',
    sleep: 'pg_sleep(20)',
    connections: "select count(*) from pg_stat_activity where usename = 'postern'",
    kill: "select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'postern'",
    encrypted: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    notEncrypted: 'f',
    prepared: 'select count(*) from pg_prepared_statements',
  },
  {
    kind: 'MariaDB',
    start: startMariadb,
    dialect: 'mysql',
    sleep: 'sleep(20)',
    connections: "select count(*) from information_schema.processlist where user = 'postern'",
    kill: 'kill user postern',
    encrypted: "select variable_value from information_schema.session_status where variable_name = 'Ssl_cipher'",
    notEncrypted: '',
    prepared: "select variable_value from information_schema.session_status where variable_name = 'Com_stmt_close'",
  },
] as const;

describeWithServers({ describe, it }, 'a database server', () => {
  describe.each(kinds)('$kind', ({ start, dialect, sleep, connections, kill, encrypted, notEncrypted, prepared }) => {
    let room: ServerRoom;
    let server: DatabaseServer;
    let databases = new OpenDatabases();

    beforeAll(async () => {
      room = await ServerRoom.open();
      const authority = await CertificateAuthority.create(room);
      server = await start(room, { setup, tls: await authority.server() });
    }, 120_000);

    afterEach(async () => {
      await databases.stop();
      expect(databases.left).toBe(0);
      databases = new OpenDatabases();
    });

    afterAll(() => room.close());

    const use = (...args: Parameters<OpenDatabases['open']>): Database => databases.open(...args);
    const statement = ask('select b from t where a = {a}', dialect);
    const one = bound({ a: 'one' });
    const rows = async (database: Database, text = 'select b from t where a = {a}', values = one) =>
      (await database.query(ask(text, dialect), values, never)).rows;
    const serverConnections = async (): Promise<number> => Number(await server.sql(connections));
    const through = ({ host, port }: FaultyProxy): string => server.url.replace(`${server.host}:${server.port}`, `${host}:${port}`);

    it('gives what was bound back byte for byte, whatever it is', async () => {
      const database = use(server.url);
      const hostile = [
        "' or 1=1 --",
        '"',
        '\\',
        "\\'",
        '`',
        '{a}',
        '$1',
        '?',
        '%s',
        'ü€\u{1f600}',
        '; drop table t; --',
        '\u202e',
        '{"a":1}',
        'x'.repeat(40_000),
      ];
      for (const value of hostile) expect(await rows(database, 'select {a}, {b}', bound({ a: value, b: null }))).toEqual([[value, null]]);
    });

    it('looks again at a statement whose plan the schema left behind', async () => {
      await server.sql(
        "create table s (a varchar(9), b varchar(9)); insert into s values ('one', 'x'); " +
          (dialect === 'postgres' ? 'grant all on s to postern;' : ''),
      );
      const database = use(server.url, { pool: { max: 1 } });
      const all = async () => database.query(ask('select * from s where a = {a}', dialect), one, never);
      expect(await all()).toEqual({ columns: ['a', 'b'], rows: [['one', 'x']] });
      expect(await all()).toEqual({ columns: ['a', 'b'], rows: [['one', 'x']] });
      await server.sql('alter table s add column c int default 7');
      expect(await all()).toEqual({ columns: ['a', 'b', 'c'], rows: [['one', 'x', '7']] });
      await server.sql('alter table s drop column b');
      expect(await all()).toEqual({ columns: ['a', 'c'], rows: [['one', '7']] });
      await server.sql(dialect === 'postgres' ? 'alter table s alter column c type text' : 'alter table s modify c varchar(9)');
      expect(await all()).toEqual({ columns: ['a', 'c'], rows: [['one', '7']] });
      await server.sql('drop table s');
      await expect(all()).rejects.toThrow(StatementFailed);
      expect(await rows(database)).toEqual([['1']]);
      expect(database.connections).toBe(1);
    });

    it('has the server end a statement that takes too long, and keeps the connection', async () => {
      const database = use(server.url, { timeout: '20s', pool: { max: 1 } });
      // Long enough that a busy machine does not let our own time be over before the server's.
      const quick = use(server.url, { timeout: '2s', pool: { max: 1 } });
      for (const each of [database, quick]) expect(await rows(each)).toEqual([['1']]);
      const slow = quick.query(ask(`select ${sleep}, {a}`, dialect), one, never);
      await expect(slow).rejects.toThrow(/statement timeout|max_statement_time|interrupted/i);
      expect(await rows(quick)).toEqual([['1']]);
      expect(await quick.health()).toEqual({ status: 'up' });
      expect(quick.connections).toBe(1);
    });

    it('lets go of a connection whose login was given up, and answers the next', async () => {
      const database = use(server.url, { timeout: '20s', pool: { max: 1 } });
      expect(await rows(database)).toEqual([['1']]);
      const abort = new AbortController();
      const slow = database.query(ask(`select ${sleep}, {a}`, dialect), one, abort.signal);
      const waiting = database.query(statement, one, abort.signal);
      setTimeout(() => abort.abort(new Error('given up')), 50);
      await expect(slow).rejects.toThrow(GivenUp);
      await expect(waiting).rejects.toThrow(GivenUp);
      expect(await rows(database)).toEqual([['1']]);
      expect(database.connections).toBeLessThanOrEqual(1);
    });

    it('asks once more on a new connection when the idle ones died, whoever killed them', async () => {
      const database = use(server.url, { pool: { max: 4 } });
      await Promise.all(Array.from({ length: 8 }, () => rows(database)));
      await server.sql(kill);
      expect(await Promise.all(Array.from({ length: 8 }, () => rows(database)))).toEqual(Array(8).fill([['1']]));
      await server.stop();
      await expect(rows(database)).rejects.toThrow(Unreachable);
      expect(await database.health()).toMatchObject({ status: 'down' });
      await server.start();
      await database.start(never);
      expect(await rows(database)).toEqual([['1']]);
      expect(await database.health()).toEqual({ status: 'up' });
    });

    it('asks once more on a new connection when an idle one is reset at the first word', async () => {
      let eras = 0;
      let era = 0;
      const between = createServer((socket) => {
        const born = era;
        eras += 1;
        const upstream = connect({ host: server.host, port: server.port });
        for (const one of [socket, upstream]) one.on('error', () => [socket, upstream].forEach((each) => each.destroy()));
        socket.on('close', () => upstream.destroy());
        upstream.pipe(socket);
        socket.on('data', (data) => (born === era ? upstream.write(data) : socket.resetAndDestroy()));
      });
      await new Promise<void>((resolve) => void between.listen(0, '127.0.0.1', resolve));
      const { port } = between.address() as AddressInfo;
      const database = use(server.url.replace(String(server.port), String(port)), { pool: { max: 4 } }, true);
      await Promise.all(Array.from({ length: 8 }, () => rows(database)));
      const before = eras;
      era += 1;
      expect(await rows(database)).toEqual([['1']]);
      expect(eras).toBe(before + 1);
      expect(await database.health()).toEqual({ status: 'up' });
      era += 1;
      // A change is not asked twice: it may have happened.
      const change = database.change(ask('update t set b = {b} where a = {a}', dialect), bound({ a: 'one', b: '1' }), never);
      await expect(change).rejects.toThrow(Unreachable);
      await database.stop();
      await new Promise((resolve) => between.close(resolve));
    });

    it('recovers in the background, without a login and without a start', async () => {
      const proxy = await FaultyProxy.start(room, server);
      const database = use(through(proxy));
      expect(await rows(database)).toEqual([['1']]);
      await proxy.become({ kind: 'refuse' });
      await expect(rows(database)).rejects.toThrow(Unreachable);
      await proxy.become({ kind: 'pass' });
      while ((await database.health()).status !== 'up') await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await rows(database)).toEqual([['1']]);
    });

    it('goes to the next server when one is out, and does not wait for it again and again', async () => {
      const proxy = await FaultyProxy.start(room, server);
      const database = use([through(proxy), server.url]);
      expect(await rows(database)).toEqual([['1']]);
      expect(proxy.taken).toBe(1);
      await proxy.become({ kind: 'black-hole' });
      for (let asked = 0; asked < 20; asked += 1) expect(await rows(database)).toEqual([['1']]);
      expect(proxy.taken).toBeLessThan(6);
      expect(await database.health()).toMatchObject({
        status: 'degraded',
        note: expect.stringContaining(String(proxy.port)) as unknown as string,
      });
      await proxy.become({ kind: 'pass' });
      while ((await database.health()).status !== 'up') await new Promise((resolve) => setTimeout(resolve, 10));
      const before = proxy.taken;
      expect(await rows(database)).toEqual([['1']]);
      expect(proxy.taken).toBe(before + 1);
    });

    it('takes several hosts in one URL, and spreads questions over all where it is told to', async () => {
      const [first, second] = [await FaultyProxy.start(room, server), await FaultyProxy.start(room, server)];
      const url = server.url.replace(`${server.host}:${server.port}`, `127.0.0.1:${first.port},127.0.0.1:${second.port}`);
      const ordered = use(url);
      for (let asked = 0; asked < 4; asked += 1) await rows(ordered);
      expect([first.taken, second.taken]).toEqual([1, 0]);
      const spread = use(url, { spread: true });
      for (let asked = 0; asked < 4; asked += 1) await rows(spread);
      expect([first.taken, second.taken]).toEqual([2, 1]);
      await second.become({ kind: 'refuse' });
      for (let asked = 0; asked < 4; asked += 1) expect(await rows(spread)).toEqual([['1']]);
    });

    it('speaks TLS only with whom its own authority vouches for, under the right name', async () => {
      const ca = room.path('ca-Postern-test-authority', 'ca.pem');
      const other = await CertificateAuthority.create(room, `Another ${dialect}`);
      const cipher = async (more: object, url = server.url) => rows(use(url, more), encrypted, bound());
      expect(await cipher({})).toEqual([[notEncrypted]]);
      expect(await cipher({ tls: { ca, minVersion: 'TLSv1.3' } })).not.toEqual([[notEncrypted]]);
      expect(await cipher({ tls: { ca } }, server.url.replace('127.0.0.1', 'localhost'))).not.toEqual([[notEncrypted]]);
      expect(await cipher({ tls: { ca, serverName: 'mail.example.org' } })).not.toEqual([[notEncrypted]]);
      await expect(cipher({ tls: { ca: other.cert } })).rejects.toThrow(Unreachable);
      await expect(cipher({ tls: true })).rejects.toThrow(Unreachable);
      await expect(cipher({ tls: { ca, serverName: 'db.example.org' } })).rejects.toThrow(Unreachable);
      await expect(cipher({}, `${server.url}?sslmode=verify-full`)).rejects.toThrow(Unreachable);
      // The certificate is for localhost and 127.0.0.1; another address of this machine is another server.
      await expect(cipher({ tls: { ca } }, server.url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow(Unreachable);
    });

    it('asks the certificate for the address that it connects to, and not for a name that nobody gave', async () => {
      const ca = room.path('ca-Postern-test-authority', 'ca.pem');
      // The certificate is for localhost, mail.example.org, 127.0.0.1 and ::1.
      const elsewhere = createServer((socket) => {
        const upstream = connect({ host: server.host, port: server.port });
        const both = [socket, upstream];
        // A pipe tells of an end, and not of a connection that was cut.
        for (const one of both) one.on('error', () => undefined).on('close', () => both.forEach((each) => each.destroy()));
        socket.pipe(upstream).pipe(socket);
      });
      await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.2', resolve));
      const { port } = elsewhere.address() as AddressInfo;
      const url = server.url.replace(`127.0.0.1:${server.port}`, `127.0.0.2:${port}`);
      const database = use(url, { tls: { ca } });
      await expect(rows(database)).rejects.toThrow(/127\.0\.0\.2/);
      expect((await database.health()).note).toMatch(/does not match certificate/i);
      expect(await rows(use(url, { tls: { ca, serverName: 'mail.example.org' } }))).toEqual([['1']]);
      expect(await rows(use(url))).toEqual([['1']]);
      await databases.stop();
      await new Promise((resolve) => elsewhere.close(resolve));
    });

    it('keeps no prepared statements where it is told not to', async () => {
      const database = use(server.url, { prepare: false, pool: { max: 1 } });
      for (let asked = 0; asked < 3; asked += 1) expect(await rows(database)).toEqual([['1']]);
      const [[count]] = (await rows(database, prepared, bound())) as [[string]];
      expect(Number(count)).toBe(dialect === 'postgres' ? 0 : 3);
      const keeping = use(server.url, { pool: { max: 1 } });
      for (let asked = 0; asked < 3; asked += 1) await rows(keeping);
      const [[kept]] = (await rows(keeping, prepared, bound())) as [[string]];
      expect(Number(kept)).toBe(dialect === 'postgres' ? 2 : 0);
    });

    it('opens no more connections than it may, and leaves none behind', async () => {
      const database = use(server.url, { pool: { max: 3 }, timeout: '10s' });
      const answers = await Promise.all(Array.from({ length: 60 }, () => rows(database)));
      expect(answers).toEqual(Array(60).fill([['1']]));
      expect(await serverConnections()).toBe(3);
      await database.stop();
      while ((await serverConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await expect(rows(database)).rejects.toThrow(/stopped/);
      await database.start(never);
      expect(await rows(database)).toEqual([['1']]);
    });

    it('says what is wrong without saying the password', async () => {
      const wrong = use(server.url.replace('tests', 'geheim'));
      await expect(wrong.start(never)).rejects.toThrow(/password|denied/i);
      const { note } = await wrong.health();
      expect(note).toMatch(/password|denied/i);
      expect(note).not.toContain('geheim');
      await expect(use(server.url.replace(/mail$/, 'nowhere')).start(never)).rejects.toThrow(/nowhere/);
    });
  });
});
