import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  accepts,
  describeWithServers,
  freePort,
  requirements,
  Reaper,
  ServerProcess,
  ServerRoom,
  type Requirement,
} from '../../src/index.js';

// An orphan that nobody waits for stays listed as a zombie where the machine's first process does not collect it.
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/u.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(10);
};

describe('a server room', () => {
  it('deletes its folder and stops what was started, in reverse order, when it is closed', async () => {
    const room = await ServerRoom.open();
    const order: string[] = [];
    room.onClose(async () => void order.push('first'));
    room.onClose(async () => void order.push('second'));
    const server = ServerProcess.start(room, { name: 'sleeper', command: 'sleep', args: ['60'] });
    await room.close();
    expect(order).toEqual(['second', 'first']);
    expect(server.running).toBe(false);
    expect(existsSync(room.folder)).toBe(false);
  });

  it('goes on closing after a failure and tells every failure', async () => {
    const room = await ServerRoom.open();
    room.onClose(() => Promise.reject(new Error('one')));
    room.onClose(() => Promise.reject(new Error('two')));
    await expect(room.close()).rejects.toMatchObject({ errors: [{ message: 'two' }, { message: 'one' }] });
    expect(existsSync(room.folder)).toBe(false);
  });

  it('ends a server together with the children it leaves behind', async () => {
    const room = await ServerRoom.open();
    const server = ServerProcess.start(room, { name: 'parent', command: 'sh', args: ['-c', 'sleep 60 & echo child $!; wait'] });
    const [, child] = await server.untilOutput(/child (\d+)/u);
    await room.close();
    await until(() => !alive(Number(child)));
    expect(alive(server.pid)).toBe(false);
  });

  it('says what a server wrote when it ends before it is ready', async () => {
    const room = await ServerRoom.open();
    const server = ServerProcess.start(room, { name: 'broken', command: 'sh', args: ['-c', 'echo no such option >&2; exit 3'] });
    await expect(server.untilAccepts({ port: await freePort() })).rejects.toThrow(/broken ended before[\s\S]*no such option/u);
    expect(await server.ended).toEqual({ code: 3, signal: null });
    await room.close();
  });

  it('says so when a server cannot be started at all', async () => {
    const room = await ServerRoom.open();
    const server = ServerProcess.start(room, { name: 'absent', command: '/nowhere/absent', args: [] });
    await expect(server.untilOutput(/ready/u)).rejects.toThrow(/ENOENT/u);
    await room.close();
  });

  it('leaves nothing behind when the test process is killed', async () => {
    const room = await ServerRoom.open();
    const reaper = new Reaper();
    const folder = room.path('left-behind');
    await room.write('left-behind/file', 'x');
    const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    reaper.watchGroup(orphan.pid!);
    reaper.watchFolder(folder);
    // The same as being killed, for the reaper: its input ends.
    await reaper.close();
    expect(existsSync(folder)).toBe(false);
    await until(() => orphan.signalCode !== null);
    await room.close();
  });
});

describe('free ports', () => {
  it('are never handed out twice and nobody listens there', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
    expect(await accepts({ port: ports[0]! })).toBe(false);
  });
});

describe('a suite with servers', () => {
  const nginx: Requirement = { name: 'nginx', package: 'nginx', program: 'nginx' };
  const tell = (missing: readonly Requirement[], ci: boolean) => {
    const told: string[] = [];
    const describeIt = Object.assign((name: string) => void told.push(`suite ${name}`), {
      skip: (name: string) => void told.push(`skip ${name}`),
    });
    const run = (name: string, body: () => void): void => {
      told.push(`test ${name}`);
      expect(body).toThrow(/CI=true and missing: nginx/u);
    };
    describeWithServers({ describe: describeIt, it: run }, 'logins', () => undefined, {
      missing,
      ci,
      say: (text) => told.push(`say ${text}`),
    });
    return told;
  };

  it('runs where every server is there', () => {
    expect(tell([], true)).toEqual(['suite logins']);
  });

  it('is told as skipped, with the package to install, where a server is missing', () => {
    expect(tell([nginx], false)).toEqual([
      'say skipped: logins: missing nginx (Debian package nginx)',
      'skip logins [skipped: missing nginx (Debian package nginx)]',
    ]);
  });

  it('fails with CI=true where a server is missing', () => {
    expect(tell([nginx], true)).toContain('test logins: every server is there');
  });

  it('knows a package for everything it needs, in a file that a plain script can read', () => {
    const listed = JSON.parse(readFileSync(new URL('../../servers.json', import.meta.url), 'utf8')) as Requirement[];
    expect(requirements()).toEqual(listed);
    for (const each of listed) {
      expect(each.package).toMatch(/^[a-z0-9-]+$/u);
      expect([each.program, each.files].filter((way) => way !== undefined)).toHaveLength(1);
    }
  });
});
