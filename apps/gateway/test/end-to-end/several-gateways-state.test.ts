import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithServers, startRedis, startRedisCluster, startSentinel, type RedisServer, type ServerRoom } from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { Fleet, people, tries, type Member } from './setup/fleet.js';
import type { Person } from './setup/people.js';

// Nothing here is timed, but several processes start on a machine that may be busy.
jest.setTimeout(90_000);

const [flushed, guessed, tried, friend] = people as readonly [Person, Person, Person, Person, ...Person[]];

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(20);
};

/** A master and its replica, watched by a Sentinel. */
class Watched {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly settings: object;

  private constructor(master: RedisServer, replica: RedisServer, settings: object) {
    this.master = master;
    this.replica = replica;
    this.settings = settings;
  }

  static async start(room: ServerRoom): Promise<Watched> {
    const master = await startRedis(room, { name: 'master' });
    const replica = await startRedis(room, { name: 'replica', settings: { replicaof: `${master.host} ${master.port}` } });
    const sentinel = await startSentinel(room, master);
    await until(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'));
    await until(async () => (await sentinel.command('SENTINEL', 'REPLICAS', 'mymaster')).includes('runid'));
    return new Watched(master, replica, { sentinels: [`${sentinel.host}:${sentinel.port}`], name: 'mymaster' });
  }

  /** Waits until the replica holds all that the master does. */
  async untilCopied(): Promise<void> {
    await until(async () => (await this.replica.command('DBSIZE')) === (await this.master.command('DBSIZE')));
  }
}

const kinds = [
  { name: 'one Redis', start: async (room: ServerRoom) => ({ url: (await startRedis(room)).url }) },
  {
    name: 'a Redis cluster',
    start: async (room: ServerRoom) => ({ cluster: (await startRedisCluster(room)).map(({ host, port }) => `${host}:${port}`) }),
  },
  { name: 'a Redis that Sentinel watches', start: async (room: ServerRoom) => (await Watched.start(room)).settings },
] as const;

/** What each member of the fleet, or the shim, says to so many wrong passwords that nobody tried before. */
const guesses = async (fleet: Fleet, { user }: Person, count: number): Promise<readonly string[]> => {
  const wrongs = Array.from({ length: count }, (_, n) => ({ user, password: `canary-guess-${n}` }));
  const said: string[] = [];
  const guess = async (): Promise<void> => {
    for (let next = wrongs.pop(); next !== undefined; next = wrongs.pop())
      said.push(await fleet.status(next, `198.51.100.${wrongs.length}`));
  };
  await Promise.all([guess(), guess(), guess(), guess(), guess(), guess()]);
  return said;
};

describeWithServers({ describe, it }, 'three gateways that share their state', () => {
  describe.each(kinds)('in $name', ({ start }) => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await Fleet.open(['one', 'two', 'three'], start);
    });
    afterAll(() => fleet.close());

    it('hold one limit together, within a tenth of it', async () => {
      const before = await Promise.all(fleet.members.map((member) => fleet.answered(member)));
      const said = await guesses(fleet, guessed, 3 * tries);
      const asked = said.filter((one) => /AUTHENTICATIONFAILED/.test(one)).length;
      expect({ asked: Math.abs(asked - tries) <= tries / 10, rest: said.filter((one) => /LIMIT/.test(one)).length }).toEqual({
        asked: true,
        rest: 3 * tries - asked,
      });
      const after = await Promise.all(fleet.members.map((member) => fleet.answered(member)));
      expect(after.map((count, n) => count > (before[n] ?? 0))).toEqual([true, true, true]);
    });

    it('all forget a password when one of them is told to', async () => {
      const [first] = fleet.members;
      const changed = { ...flushed, password: 'canary-changed' };
      for (const member of fleet.members) expect(await fleet.statusOf(member, flushed)).toBe('OK');
      fleet.changePassword(flushed, changed.password);
      for (const member of fleet.members) expect(await fleet.statusOf(member, flushed)).toBe('OK');
      expect(first && (await fleet.flush(first, { user: flushed.user }))).toBe(200);
      for (const member of fleet.members) {
        // The news is on its way; that it comes is what is to be seen.
        await until(async () => (await fleet.statusOf(member, flushed)) !== 'OK');
        expect(await fleet.statusOf(member, flushed)).toMatch(/AUTHENTICATIONFAILED/);
        expect(await fleet.statusOf(member, changed)).toBe('OK');
      }
    });
  });

  it('let people in while a master dies, and hold at the new one whom they held before', async () => {
    let redis: Watched | undefined;
    const fleet = await Fleet.open(['one', 'two', 'three'], async (room) => {
      redis = await Watched.start(room);
      return redis.settings;
    });
    try {
      // The right password would let them in for good, were it asked too early.
      const wrong = { ...tried, password: 'canary-guess-again' };
      const held = async (member: Member): Promise<boolean> => /LIMIT/.test(await fleet.statusOf(member, wrong));
      await guesses(fleet, tried, 2 * tries);
      for (const member of fleet.members) await until(() => held(member));
      await redis?.untilCopied();
      await redis?.master.kill();
      // They fall back to what each knows by itself, and good logins notice nothing.
      await until(async () => {
        for (const member of fleet.members) expect(await fleet.statusOf(member, friend)).toBe('OK');
        return ((await redis?.replica.command('INFO', 'replication')) ?? '').includes('role:master');
      });
      for (const member of fleet.members) await until(() => held(member));
    } finally {
      await fleet.close();
    }
  });
});
