import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bindConfig, duration, filePath, Networks, networks, parseDuration, parseHostPort, secret, type Secret } from '@postern/contract';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-fields-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1.5s', 1500],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['0s', 0],
  ])('reads %s as %i milliseconds', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['5', '5 s', '-1s', '1e3s', '', 's', '5S'])('refuses %j', (text) => expect(duration().safeParse(text).success).toBe(false));

  it('tells its range in the words of the config', () => {
    const told = (field: ReturnType<typeof duration>, text: string): string | undefined => field.safeParse(text).error?.issues[0]?.message;
    expect(told(duration({ max: 59_000 }), '2m')).toBe('must be at most 59s');
    expect(told(duration({ max: 31_622_400_000 }), '400d')).toBe('must be at most 366d');
    expect(told(duration({ min: 10 }), '1ms')).toBe('must be at least 10ms');
  });

  it('holds to its range', () => {
    expect(duration({ max: 1000 }).safeParse('2s').success).toBe(false);
    expect(duration({ min: 1000 }).safeParse('10ms').success).toBe(false);
  });
});

describe('host and port', () => {
  it.each([
    ['mail-b.internal', { host: 'mail-b.internal' }],
    ['mail-b:1143', { host: 'mail-b', port: 1143 }],
    ['10.0.0.1:143', { host: '10.0.0.1', port: 143 }],
    ['[::1]:143', { host: '::1', port: 143 }],
    ['[::1]', { host: '::1' }],
    ['2001:db8::1', { host: '2001:db8::1' }],
  ])('reads %s', (text, expected) => expect(parseHostPort(text)).toEqual(expected));

  it.each(['', 'a:0', 'a:65536', 'a:b', '1.2.3', '999.1.1.1', 'a b', 'a\r\nb', '[a]:1', '::1:x', 'http://a', '-a', 'a/b'])(
    'refuses %j',
    (text) => expect(parseHostPort(text)).toBeUndefined(),
  );
});

describe('networks', () => {
  const set = new Networks(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);

  it('hold the addresses within and no others', () => {
    expect(['192.0.2.9', '2001:db8::9', '198.51.100.7'].map((ip) => set.includes(ip))).toEqual([true, true, true]);
    expect(['192.0.3.9', '2001:db9::9', '198.51.100.8', 'unix:', '', 'x'].map((ip) => set.includes(ip))).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('see an IPv4 address that comes mapped into IPv6', () => expect(set.includes('::ffff:192.0.2.1')).toBe(true));

  it.each(['192.0.2.0/33', '192.0.2.0/', '192.0.2', 'example.org', '::/129', '1.2.3.4/8/8', 'fe80::1%eth0/64'])('refuse %j', (text) =>
    expect(networks().safeParse(text).success).toBe(false),
  );
});

describe('a secret', () => {
  const bound = (source: unknown, env: Record<string, string> = {}): Secret => {
    const value = secret().parse(source);
    const problems = bindConfig({ value }, { directory, env });
    if (problems[0]) throw new Error(`${problems[0].path.join('.')}: ${problems[0].message}`);
    return value;
  };

  it('comes from the environment, from a file beside the config, or from the config itself', () => {
    writeFileSync(join(directory, 'key'), 'from file\n');
    expect(bound({ env: 'KEY' }, { KEY: 'from env' }).reveal()).toBe('from env');
    expect(bound({ file: 'key' }).reveal()).toBe('from file');
    expect(bound('literal').reveal()).toBe('literal');
  });

  it('says where it was looked for when it is not there', () => {
    expect(() => bound({ env: 'KEY' })).toThrow('value: the environment variable KEY is not set');
    expect(() => bound({ file: 'gone' })).toThrow('gone cannot be read (ENOENT)');
  });

  it('is no file without an end, and none that is far too large for a secret', () => {
    writeFileSync(join(directory, 'large'), 'x'.repeat(70_000));
    for (const file of ['/dev/zero', 'large']) {
      const problems = bindConfig({ key: secret().parse({ file }) }, { directory, env: {} });
      expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('is larger than 65536 bytes')]);
    }
  });

  it('never prints itself', () => {
    const value = bound('canary');
    expect([String(value), JSON.stringify({ value }), inspect({ value }), inspect(value, { showHidden: true })].join()).not.toContain(
      'canary',
    );
  });

  it('cannot be read before it was bound', () => expect(() => secret().parse({ env: 'KEY' }).reveal()).toThrow('not bound'));
});

describe('a file path', () => {
  it('is not a folder', () => {
    const problems = bindConfig({ file: filePath().parse('.') }, { directory, env: {} });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('is a folder')]);
  });

  it('is relative to the config file and must be readable', () => {
    writeFileSync(join(directory, 'users'), '');
    const [good, bad] = [filePath().parse('users'), filePath().parse('gone')];
    const problems = bindConfig({ deep: [{ good }, { bad }] }, { directory, env: {} });
    expect(good.absolute).toBe(join(directory, 'users'));
    expect(problems).toEqual([expect.objectContaining({ path: ['deep', 1, 'bad'], message: expect.stringContaining('ENOENT') })]);
  });
});
