import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FollowedFile } from '@postern/contract';
import { PolledFiles } from '@postern/kernel';
import { CapturedLog } from '../boot/support/captured-log.js';
import { FakeClock } from '../boot/support/fake-clock.js';

describe('a followed file', () => {
  let directory: string;
  let path: string;
  let clock: FakeClock;
  let log: CapturedLog;
  let file: FollowedFile<string> | undefined;
  let parses: number;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-files-'));
    path = join(directory, 'users');
    clock = new FakeClock();
    log = new CapturedLog();
    parses = 0;
    await writeFile(path, 'one');
  });
  afterEach(async () => {
    await file?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const parse = (content: Uint8Array): string => {
    parses++;
    const text = Buffer.from(content).toString();
    if (text.startsWith('bad')) throw new Error(`line 1 is broken`);
    return text;
  };

  const follow = (with_: (content: Uint8Array) => string | Promise<string> = parse): FollowedFile<string> => {
    file = new PolledFiles({ clock, log }).follow(path, with_);
    return file;
  };

  /** Lets a look happen, and waits for it: the next one is planned when it has ended. */
  const look = async (): Promise<void> => {
    await clock.step(1000);
    while (clock.pending === 0) await clock.step(0);
  };

  const looks = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) await look();
  };

  it('has nothing before it is started, and then its content', async () => {
    const users = follow();
    expect([users.current, users.health().status]).toEqual([undefined, 'down']);
    await users.start();
    expect([users.current, users.health()]).toEqual(['one', { status: 'up' }]);
  });

  it.each([
    ['is not there', async () => unlink(path), /ENOENT/],
    ['cannot be parsed', async () => writeFile(path, 'bad'), /line 1 is broken/],
    ['is a folder', async () => void (path = directory), /no regular file/],
    [
      'is a pipe',
      async () => {
        await unlink(path);
        execFileSync('mkfifo', [path]);
      },
      /no regular file/,
    ],
  ])('fails to start when it %s, and can be started again', async (_, breakIt, why) => {
    await breakIt();
    const users = follow();
    await expect(users.start()).rejects.toThrow(why);
    expect(users.health().status).toBe('down');
    if (path === directory) return;
    await rm(path, { force: true });
    await writeFile(path, 'two');
    await users.start();
    expect(users.current).toBe('two');
  });

  it('is read again when it changed, and only then', async () => {
    const users = follow();
    await users.start();
    await looks(5);
    expect(parses).toBe(1);
    await writeFile(path, 'two');
    await looks(2);
    expect([users.current, parses]).toEqual(['two', 2]);
  });

  it('is read again when it was replaced by another of the same length', async () => {
    const users = follow();
    await users.start();
    await writeFile(join(directory, 'new'), 'eno');
    await rename(join(directory, 'new'), path);
    await looks(2);
    expect(users.current).toBe('eno');
  });

  it('is read again when a link that leads to it is turned', async () => {
    await writeFile(join(directory, 'v2'), 'two');
    const link = join(directory, 'link');
    await symlink(path, link);
    path = link;
    const users = follow();
    await users.start();
    await symlink(join(directory, 'v2'), join(directory, 'next'));
    await rename(join(directory, 'next'), link);
    await looks(2);
    expect(users.current).toBe('two');
  });

  it('is not read while it is still being written', async () => {
    const users = follow();
    await users.start();
    for (const half of ['t', 'tw', 'two']) {
      await writeFile(path, half);
      await look();
      expect(users.current).toBe('one');
    }
    await look();
    expect([users.current, parses]).toEqual(['two', 2]);
  });

  it('keeps the last good content when the new one is broken, says so once, and recovers', async () => {
    const users = follow();
    await users.start();
    await writeFile(path, 'bad');
    await looks(6);
    expect([users.current, parses]).toEqual(['one', 2]);
    expect(users.health()).toMatchObject({ status: 'degraded', note: expect.stringContaining('line 1 is broken') });
    expect(log.lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
    await writeFile(path, 'good again');
    await looks(2);
    expect([users.current, users.health()]).toEqual(['good again', { status: 'up' }]);
    expect(log.text).toContain('a file can be used again');
  });

  it('keeps the last good content while the file is gone, and takes it back even if it is the very same', async () => {
    const users = follow();
    await users.start();
    await rename(path, join(directory, 'away'));
    await looks(3);
    expect([users.current, users.health().status]).toEqual(['one', 'degraded']);
    await rename(join(directory, 'away'), path);
    await looks(2);
    expect(users.health()).toEqual({ status: 'up' });
  });

  it('is reported when a folder took its place', async () => {
    const users = follow();
    await users.start();
    await unlink(path);
    await mkdir(path);
    await looks(2);
    expect([users.current, users.health().status]).toEqual(['one', 'degraded']);
  });

  it('never reads twice at once', async () => {
    let release: (() => void) | undefined;
    let running = 0;
    let most = 0;
    const users = follow(async (content) => {
      most = Math.max(most, ++running);
      if (release === undefined && Buffer.from(content).toString() === 'two') await new Promise<void>((resolve) => (release = resolve));
      running--;
      return Buffer.from(content).toString();
    });
    await users.start();
    await writeFile(path, 'two');
    await look();
    await clock.step(1000);
    while (release === undefined) await clock.step(0);
    await writeFile(path, 'three');
    await clock.step(10_000);
    expect(clock.pending).toBe(0);
    release();
    await looks(2);
    expect([users.current, most]).toEqual(['three', 1]);
  });

  it('changes nothing and plans nothing after a stop, even when a read was under way', async () => {
    let release: (() => void) | undefined;
    const users = follow(async (content) => {
      const text = Buffer.from(content).toString();
      if (text === 'two') await new Promise<void>((resolve) => (release = resolve));
      return text;
    });
    await users.start();
    await writeFile(path, 'two');
    await look();
    await clock.step(1000);
    while (release === undefined) await clock.step(0);
    const stopped = users.stop();
    release();
    await stopped;
    expect([users.current, clock.pending]).toEqual(['one', 0]);
  });
});
