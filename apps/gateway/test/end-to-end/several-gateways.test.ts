import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { Fleet, people, tries, type Member } from './setup/fleet.js';
import { SteadyLogins } from './setup/steady-logins.js';
import type { Person } from './setup/people.js';

// Nothing here is timed, but several processes start on a machine that may be busy.
jest.setTimeout(90_000);

const [flushed, guessed, ...crowd] = people as readonly [Person, Person, ...Person[]];

describeWithServers({ describe, it }, 'three gateways on one Redis, behind a loopback nginx http{} shim', () => {
  let fleet: Fleet;
  let logins: SteadyLogins;
  beforeAll(async () => {
    fleet = await Fleet.open(['one', 'two', 'three']);
    logins = new SteadyLogins(fleet, crowd);
  });
  afterEach(() => logins.pause());
  afterAll(() => fleet.close());

  const underLoad = async (trouble: () => Promise<void>): Promise<SteadyLogins> => {
    logins = new SteadyLogins(fleet, crowd);
    logins.begin({ shim: 50, imap: 5 });
    await Promise.all(fleet.members.map((member) => fleet.untilAsked(member)));
    await trouble();
    await logins.pause();
    return logins;
  };

  it('are restarted one after the other, and no login fails', async () => {
    const { wrongs, heard } = await underLoad(async () => {
      for (const member of fleet.members) {
        const missed = fleet.untilMissed(member);
        expect(await member.gateway.stop()).toEqual({ code: 0, signal: null });
        await missed;
        await member.gateway.start();
        await fleet.untilAsked(member);
      }
    });
    expect(wrongs).toEqual([]);
    expect([heard('shim', 'let in'), heard('shim', 'denied'), heard('imap', 'let in')].every((count) => count > 0)).toBe(true);
  });

  it('lose one by kill -9, and a mail program notices nothing', async () => {
    const victim = fleet.members[1] as Member;
    const { wrongs } = await underLoad(async () => {
      const missed = fleet.untilMissed(victim);
      victim.gateway.signal('SIGKILL');
      await victim.gateway.ended;
      await missed;
      await victim.gateway.start();
      await fleet.untilAsked(victim);
    });
    expect(wrongs).toEqual([]);
  });

  it('read their configs anew, again and again, and no login fails', async () => {
    const { wrongs } = await underLoad(async () => {
      for (let round = 0; round < 4; round++) {
        await Promise.all(fleet.members.map(({ gateway, config }) => gateway.reload(config, /"msg":"reloaded"/)));
      }
    });
    expect(wrongs).toEqual([]);
  });

  it('hold one limit together, within a tenth of it', async () => {
    const wrongs = Array.from({ length: 3 * tries }, (_, n) => ({ user: guessed.user, password: `canary-guess-${n}` }));
    const before = await Promise.all(fleet.members.map((member) => fleet.answered(member)));
    const said: string[] = [];
    const guess = async (): Promise<void> => {
      for (let next = wrongs.pop(); next !== undefined; next = wrongs.pop())
        said.push(await fleet.status(next, `198.51.100.${wrongs.length}`));
    };
    await Promise.all([guess(), guess(), guess(), guess(), guess(), guess()]);
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
      while ((await fleet.statusOf(member, flushed)) === 'OK') await pause(10);
      expect(await fleet.statusOf(member, flushed)).toMatch(/AUTHENTICATIONFAILED/);
      expect(await fleet.statusOf(member, changed)).toBe('OK');
    }
  });
});
