import { closeSync, openSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { logDestination } from '../src/logging/destination.js';
import { CapturedOutput } from './support/captured-output.js';
import { ConfigFolder } from './support/config-folder.js';

describe('where log lines go', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => folder.remove());

  it('gets all of them in their order, the last as well when one is still under way', async () => {
    for (let round = 0; round < 20; round += 1) {
      const path = folder.add(`${round}.log`, '');
      const fd = openSync(path, 'a');
      const { stream, close } = logDestination(Object.assign(new CapturedOutput(), { fd }));
      const lines = [`under way ${'x'.repeat(60_000)}\n`, 'stopping\n', 'stopped\n'];
      for (const line of lines) stream.write(line);
      await close();
      expect(readFileSync(path, 'utf8') === lines.join('')).toBe(true);
    }
  });

  it('is not waited for when nothing can be written there', async () => {
    const fd = openSync(folder.add('read-only.log', ''), 'r');
    const { stream, close } = logDestination(Object.assign(new CapturedOutput(), { fd }));
    stream.write('nobody takes this\n');
    await expect(close()).resolves.toBeUndefined();
    closeSync(fd);
  });
});
