import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ask, header } from '../support/ask.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { RunningGateway } from '../support/running-gateway.js';

jest.setTimeout(120_000);

const maxEntries = 200;
const sprayed = 800;
const atOnce = 50;

describe('memory under a spray of users and addresses that nobody has seen before', () => {
  let folder: ConfigFolder;
  let gateway: RunningGateway;
  beforeAll(async () => {
    folder = new ConfigFolder();
    const { plugins, ...rest } = smallConfig({ log: { level: 'warn' } });
    // Everybody is somebody: half of them are let in.
    const anybody = Array.from({ length: sprayed }, (_, index) => [`user${index}@example.org`, '{PLAIN}sesame'] as const);
    const people = { use: 'static', as: 'crowd', with: { users: Object.fromEntries(anybody) } };
    const policies = [
      { use: 'throttle', with: { user: { tries: 1 }, network: { tries: 1 } } },
      { use: 'cache', with: { maxEntries } },
    ];
    folder.write({ ...rest, plugins: [...policies, people, ...(plugins as readonly unknown[])] });
    gateway = new RunningGateway(folder);
    await gateway.until(/^postern is ready: .*$/m);
  });
  afterAll(async () => {
    await gateway.stop();
    folder.remove();
  });

  const metrics = async (): Promise<string> => (await fetch(`http://${gateway.door('operator')}/metrics`)).text();
  const sum = (text: string, name: string): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(name))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);

  /** The series that Postern itself keeps. Node's own are left out: a kind of garbage collection has no line before its first run. */
  const ours = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('postern_'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')));

  const spray = async (round: string): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < sprayed; index = next++) {
        const clientIp = `2001:db8:${(index >> 8).toString(16)}:${round}${(index & 0xff).toString(16)}::1`;
        const user = index % 2 === 0 ? `user${index}@example.org` : `${round}${index}@nowhere.example.org`;
        expect(header(await ask(gateway.door('nginx'), { user, clientIp }), 'Auth-Status')).toBeDefined();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };

  it('the cache keeps no more than it may, and the metrics have the same lines as before', async () => {
    await spray('a');
    await spray('b');
    const before = await metrics();
    await spray('c');
    const after = await metrics();
    expect(sum(after, 'postern_cache_entries')).toBeGreaterThan(maxEntries / 2);
    expect(sum(after, 'postern_cache_entries')).toBeLessThanOrEqual(maxEntries);
    expect(sum(after, 'postern_throttle_bans_total')).toBeGreaterThan(sprayed / 2);
    expect(ours(after)).toEqual(ours(before));
    expect(after).not.toMatch(/nowhere\.example\.org|2001:db8/);
  });
});
