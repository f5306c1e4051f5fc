import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { Fleet, people, type Member } from './setup/fleet.js';
import { SteadyLogins } from './setup/steady-logins.js';

// Nothing here is timed, but several processes start on a machine that may be busy.
jest.setTimeout(90_000);

describeWithServers({ describe, it }, 'three gateways on one Redis, behind a loopback nginx http{} shim', () => {
  let fleet: Fleet;
  let logins: SteadyLogins;
  beforeAll(async () => {
    fleet = await Fleet.open(['one', 'two', 'three']);
    logins = new SteadyLogins(fleet, people);
  });
  afterEach(() => logins.pause());
  afterAll(() => fleet.close());

  const underLoad = async (trouble: () => Promise<void>): Promise<SteadyLogins> => {
    logins = new SteadyLogins(fleet, people);
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
});
