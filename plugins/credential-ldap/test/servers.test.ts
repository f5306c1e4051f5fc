import { describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { DirectoryTrouble, type ServerAddress } from '../src/directory-types.js';
import { Servers } from '../src/servers.js';

const only: ServerAddress = { url: 'ldap://only', host: 'only', port: 389, security: 'none' };
const lost = (): DirectoryTrouble => new DirectoryTrouble('lost', 'ldap://x closed the connection');

describe('the servers', () => {
  it('are left alone for longer each time they cannot be reached, a second at most', async () => {
    const clock = new SteppableClock();
    const servers = new Servers([only], clock, new CapturedLog(), () => 0.5);
    for (const pause of [250, 500, 1000, 1000, 1000]) {
      servers.unreachable(only, new Error('refused'));
      await clock.step(pause - 1);
      expect(servers.candidates()).toEqual([]);
      await clock.step(1);
      expect(servers.candidates()).toEqual([only]);
    }
    servers.succeeded(only);
    servers.unreachable(only, new Error('refused'));
    await clock.step(250);
    expect(servers.candidates()).toEqual([only]);
  });

  it('count failures that come together once', async () => {
    const clock = new SteppableClock();
    const servers = new Servers([only], clock, new CapturedLog(), () => 0.5);
    for (let turn = 0; turn < 10; turn += 1) servers.unreachable(only, new Error('refused'));
    await clock.step(250);
    expect(servers.candidates()).toEqual([only]);
  });

  it('are not given up for one operation that failed', () => {
    const clock = new SteppableClock();
    const log = new CapturedLog();
    const servers = new Servers([only], clock, log, () => 0.5);
    servers.failed(only, lost());
    servers.failed(only, lost());
    expect(servers.candidates()).toEqual([only]);
    expect(servers.health()).toMatchObject({ status: 'down' });
    servers.succeeded(only);
    servers.failed(only, lost());
    servers.failed(only, lost());
    servers.failed(only, lost());
    expect(servers.candidates()).toEqual([]);
    expect(log.lines.map((each) => each.level)).toEqual(['warn', 'info', 'warn']);
  });

  it('spread their next tries', async () => {
    for (const [random, pause] of [
      [0, 188],
      [0.99, 312],
    ] as const) {
      const clock = new SteppableClock();
      const servers = new Servers([only], clock, new CapturedLog(), () => random);
      servers.unreachable(only, new Error('refused'));
      await clock.step(pause - 2);
      expect(servers.candidates()).toEqual([]);
      await clock.step(4);
      expect(servers.candidates()).toEqual([only]);
    }
  });
});
