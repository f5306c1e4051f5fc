import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CapturedLog,
  describeWithServers,
  ServerRoom,
  startMariadb,
  startPostgres,
  SteppableClock,
  type DatabaseServer,
} from '@postern/testkit';
import type { Database } from '@postern/sql';
import { NoRoom, Unreachable } from '../src/failure.js';
import { Server } from '../src/server.js';
import { FakeConnection } from './support/fake-connection.js';
import { OpenDatabases } from './support/open-databases.js';
import { ask, bound, never } from './support/open.js';

const kinds = [
  {
    kind: 'PostgreSQL',
    start: startPostgres,
    dialect: 'postgres',
    limit: (count: number) => `alter role postern connection limit ${count}`,
    words: /too many connections for role/,
  },
  {
    kind: 'MariaDB',
    start: startMariadb,
    dialect: 'mysql',
    limit: (count: number) => `alter user postern@'%' with max_user_connections ${count}`,
    words: /max_user_connections/,
  },
] as const;

describeWithServers({ describe, it }, 'a database that takes fewer connections than we want', () => {
  describe.each(kinds)('$kind', ({ start, dialect, limit, words }) => {
    let room: ServerRoom;
    let server: DatabaseServer;
    let databases = new OpenDatabases();

    beforeAll(async () => {
      room = await ServerRoom.open();
      server = await start(room);
      await server.sql(limit(2));
    }, 120_000);

    afterEach(async () => {
      await databases.stop();
      expect(databases.left).toBe(0);
      databases = new OpenDatabases();
    });
    afterAll(() => room.close());

    const echo = ask('select {a}', dialect);
    const burst = async (database: Database, size: number): Promise<readonly unknown[]> => {
      const asked = Array.from({ length: size }, async (_, index) => {
        // A turn of its own, so that it gets a connection of its own if there is one.
        await new Promise((resolve) => setTimeout(resolve, index % 5));
        return (await database.query(echo, bound({ a: String(index) }), never)).rows;
      });
      return Promise.all(asked);
    };
    const all = (size: number): unknown[] => Array.from({ length: size }, (_, index) => [[String(index)]]);

    it('is asked on those that it takes, by everybody in turn, and says so', async () => {
      const database = databases.open(server.url, { timeout: '20s', pool: { max: 8 } });
      await database.start(never);
      for (let round = 0; round < 5; round += 1) expect(await burst(database, 60)).toEqual(all(60));
      expect(database.connections).toBeLessThanOrEqual(2);
      expect(await database.health()).toMatchObject({ status: 'degraded', note: expect.stringMatching(words) as unknown });
      expect(databases.lastLog).not.toMatch(/cannot be asked/);
    });
  });
});

describe('a server that takes no more connections', () => {
  const scene = (taken: number) => {
    const clock = new SteppableClock();
    const log = new CapturedLog();
    const opened: FakeConnection[] = [];
    const free = { taken };
    const server = new Server({
      name: 'db.example:5432',
      connect: () => {
        if (opened.filter(({ broken }) => !broken).length >= free.taken) return Promise.reject(new NoRoom('too many clients'));
        const connection = new FakeConnection();
        opened.push(connection);
        return Promise.resolve(connection);
      },
      pool: { max: 4, idleMs: 60_000, ageMs: 600_000, waiting: Infinity, together: 1 },
      timeoutMs: 1000,
      connectTimeoutMs: 1000,
      clock,
      log,
    });
    const answers: (() => void)[] = [];
    const ask = (): Promise<string> =>
      server.run(() => new Promise<string>((resolve) => answers.push(() => resolve('answered'))), never, true);
    return { server, clock, log, free, answers, ask };
  };
  const turn = (): Promise<void> => new Promise(setImmediate);

  it('has fallen when none of ours is open', async () => {
    const { server, ask: put } = scene(0);
    await expect(put()).rejects.toThrow(Unreachable);
    expect(server.fallen?.message).toMatch(/too many clients/);
    await server.close();
  });

  it('has not while one is: whoever finds none free waits for it', async () => {
    const { server, log, answers, ask: put } = scene(1);
    const asked = [put()];
    await turn();
    asked.push(put(), put());
    await turn();
    expect([server.fallen, server.connections, answers.length]).toEqual([undefined, 1, 1]);
    expect(server.trouble?.message).toBe('too many clients (open: 1 of 4)');
    expect(log.text().match(/takes no more connections/g)).toHaveLength(1);
    for (let count = 0; count < 3; count += 1) {
      answers.shift()?.();
      await turn();
    }
    expect(await Promise.all(asked)).toEqual(Array(3).fill('answered'));
    await server.close();
  });

  it('is asked for more after a while', async () => {
    const { server, clock, free, answers, ask: put } = scene(1);
    const asked = [put()];
    await turn();
    asked.push(put());
    await turn();
    free.taken = 2;
    await clock.step(900);
    for (let count = 0; count < 2; count += 1) {
      answers.shift()?.();
      await turn();
    }
    await Promise.all(asked);
    await clock.step(4200);
    expect(server.trouble).toBeUndefined();
    const both = [put(), put()];
    await turn();
    expect([server.connections, answers.length]).toEqual([2, 2]);
    for (const answer of answers) answer();
    await Promise.all(both);
    await server.close();
  });

  it('does not fall by a look at it, which finds no room either', async () => {
    const { server, clock, answers, ask: put } = scene(2);
    const stuck = Promise.allSettled([put()]);
    await turn();
    await clock.step(500);
    const other = put();
    await turn();
    const waits = put();
    await turn();
    expect(answers).toHaveLength(2);
    // The first has had its time: its connection is cut, the one who waits takes the room, and the look finds none.
    await clock.step(500);
    await turn();
    expect((await stuck)[0]).toMatchObject({ status: 'rejected' });
    expect(server.fallen).toBeUndefined();
    for (const answer of answers) answer();
    expect(await Promise.all([other, waits])).toEqual(['answered', 'answered']);
    await server.close();
  });
});
