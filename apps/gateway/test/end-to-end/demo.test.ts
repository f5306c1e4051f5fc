import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { describeWithServers } from '@postern/testkit';
import { repository } from '../docs/repository.js';

const story = pathToFileURL(join(repository, 'examples/demo/demo.mjs')).href;

const run = promisify(execFile);

const tell = async (): Promise<string> => {
  const words = ['--input-type=module', '-e', `process.exitCode = await (await import('${story}')).runDemo()`];
  const { stdout } = await run(process.execPath, words, { env: { ...process.env, NODE_OPTIONS: '' } });
  return stdout;
};

describeWithServers({ describe, it }, 'the demo', () => {
  it('logs three people in through nginx, moves them by a change of the plugin list, and nginx never notices', async () => {
    const lines = (await tell()).split('\n').map((line) => line.trim().split(/ {2,}/));
    const landed = (who: string): string[] => lines.filter(([name]) => name === who).map((row) => `${row.at(-2)} ${row.at(-1)}`);
    expect(landed('anna@example.org')).toEqual([
      expect.stringMatching(/^mail-[ab] router "hash"$/),
      '– rejected',
      'mail-b router "domain"',
    ]);
    expect(landed('ben@example.org').at(-1)).toBe('mail-b router "domain"');
    expect(landed('clara@example.net').at(-1)).toBe('mail-a router "domain"');
    expect(lines.flat()).toContain('It never noticed.');
  }, 120_000);
});
