import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Way } from '@postern/pool';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { Connections } from '../src/connections.js';
import { DirectoryTrouble, type Connection, type ServerAddress } from '../src/directory-types.js';
import { Servers } from '../src/servers.js';
import { FakeConnection } from './fake-connection.js';

const address: ServerAddress = { url: 'ldap://only', host: 'only', port: 389, security: 'none' };
const never = new AbortController().signal;

describe('callers that share connections', () => {
  let clock: SteppableClock;
  let servers: Servers;
  let opened: FakeConnection[];
  let pool: Connections;

  beforeEach(async () => {
    clock = new SteppableClock();
    servers = new Servers([address], clock, new CapturedLog(), () => 0.5);
    opened = [];
    const limits = { max: 2, together: 3, idleMs: 1000, ageMs: 5000, waiting: 100 };
    const open = async (to: ServerAddress): Promise<Connection> => {
      await setImmediate();
      opened.push(new FakeConnection(to));
      return opened.at(-1)!;
    };
    pool = new Connections({ servers, clock, limits, open });
    await pool.use(never, async () => 'warm');
  });

  interface Rider {
    done: Promise<unknown>;
    /** The connection, once there is one. */
    on: Connection | undefined;
    end: (cause?: Error) => void;
  }

  const rider = (way: Way = 'shared'): Rider => {
    const mine: Rider = { on: undefined, end: () => undefined, done: Promise.resolve() };
    const work = (connection: Connection): Promise<void> =>
      new Promise((resolve, reject) => {
        mine.on = connection;
        mine.end = (cause) => (cause === undefined ? resolve() : reject(cause));
      });
    mine.done = pool.use(never, work, way);
    mine.done.catch(() => undefined);
    return mine;
  };
  const riders = (count: number, way: Way = 'shared'): readonly Rider[] => Array.from({ length: count }, () => rider(way));
  const ridesOf = (all: readonly Rider[]): readonly (number | undefined)[] =>
    all.map(({ on }) => (on === undefined ? undefined : opened.findIndex((each) => each === on)));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  };

  it('ride together when they come in one turn, so many at most', async () => {
    const all = riders(4);
    await settle();
    expect(ridesOf(all)).toEqual([0, 0, 0, 1]);
    for (const each of all) each.end();
    await Promise.all(all.map(({ done }) => done));
  });

  it('are one failure of the server when their connection dies under them, and each gets another once', async () => {
    const all = riders(3);
    await settle();
    opened[0]!.destroy();
    for (const each of all) each.end(new DirectoryTrouble('lost', 'closed'));
    await settle();
    expect(servers.candidates()).toEqual([address]);
    expect(ridesOf(all).every((each) => each !== undefined && each > 0)).toBe(true);
    for (const each of all) each.end();
    await Promise.all(all.map(({ done }) => done));
  });
});
