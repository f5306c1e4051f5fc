import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ask, header } from '../support/ask.js';
import { ServingGateway } from '../support/built-gateway.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';

jest.setTimeout(120_000);

const logins = 400;

/** How often V8 had to look anew for an option of a socket that `net.Socket` sets on its own copy: its log has a line for each. */
const misses = async (log: string): Promise<number> => {
  let count = 0;
  for await (const line of createInterface(createReadStream(log))) {
    if (line.startsWith('StoreIC,') && line.split(',').includes('decodeStrings')) count += 1;
  }
  return count;
};

describe('connections', () => {
  let folder: ConfigFolder;
  let gateway: ServingGateway | undefined;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(async () => {
    await gateway?.stop();
    folder.remove();
  });

  it('share the shape of their options, so that V8 need not look anew for each option of each connection', async () => {
    const log = join(folder.path, 'v8.log');
    folder.write(smallConfig({ log: { level: 'silent' } }));
    gateway = new ServingGateway(folder.path, folder.file, ['--log-ic', '--no-logfile-per-isolate', `--logfile=${log}`]);
    const door = await gateway.door();
    for (let login = 0; login < logins; login += 1) expect(header(await ask(door), 'Auth-Status')).toBe('OK');
    await gateway.stop();
    expect(await misses(log)).toBeLessThan(logins / 4);
  });
});
