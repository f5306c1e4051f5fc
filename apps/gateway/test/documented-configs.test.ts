import 'reflect-metadata';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../src/cli/run-cli.js';
import { repository } from './docs/repository.js';
import { shownConfigs } from './docs/shown-config.js';
import { ConfigFolder } from './support/config-folder.js';
import { TestIo } from './support/test-io.js';

const passwd = 'anna@example.org:{SSHA256}0XKkxkKdnBahv6VwgnzuO8IGvIaRg4Z0Bh1H3kiGHnRzYWx0U0FMVA==::::::\n';
/** People in the formats that pages name by the file's name. */
const contents = new Map([['htpasswd', 'anna:$2y$04$unc1qZLXs0t5lUUeYP3Z5uKdNAgyrhtW4HagimJigTu9MI/KWdco2\n']]);
const strategy = 'export class Strategy { authenticate() { this.fail(); } }\n';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
  folder.add('shop.mjs', strategy);
  folder.add('node_modules/passport-ldapauth/package.json', '{ "name": "passport-ldapauth", "type": "module", "main": "index.js" }\n');
  folder.add('node_modules/passport-ldapauth/index.js', strategy);
});
afterEach(() => folder.remove());

describe('a config that the documentation shows', () => {
  const shown = shownConfigs();

  it('stands on every page of a store', () => {
    const stores = ['imap', 'ldap', 'passport', 'sql', 'static'].map((name) => `docs/stores/${name}.md`);
    expect([...new Set(shown.map(({ page }) => page))]).toEqual(expect.arrayContaining(stores));
  });

  it.each(shown.map((each) => [each.page, each.number, each] as const))(
    '%s, the one numbered %i, has no errors',
    async (_page, _number, { yaml, env, files }) => {
      for (const file of files) folder.add(file, contents.get(file) ?? passwd);
      folder.write(yaml);
      const io = new TestIo(folder.path);
      Object.assign(io.env, { POSTERN_KEY: 'a key' }, env);
      const code = await runCli(['check', '-c', folder.file], io);
      expect({ code, err: code === 0 ? '' : io.stderr.text }).toEqual({ code: 0, err: '' });
    },
  );

  it('is the quickstart, too', async () => {
    const io = new TestIo(folder.path);
    expect(await runCli(['check', '-c', join(repository, 'examples/quickstart/postern.yaml')], io)).toBe(0);
  });
});
