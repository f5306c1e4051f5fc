import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../src/cli/run-cli.js';
import { repository } from './docs/repository.js';
import { ConfigFolder } from './support/config-folder.js';
import { TestIo } from './support/test-io.js';

const pages = ['README.md', 'docs/config.md', 'docs/guides/first-login.md', 'docs/stores/static.md', 'docs/routers/hash.md'];

/** Whole configs only: a page may also show a part of one. */
const configsOf = (page: string): string[] =>
  [...readFileSync(join(repository, page), 'utf8').matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, yaml]) => yaml!)
    .filter((yaml) => /^backends:/m.test(yaml) && /^plugins:/m.test(yaml));

const passwd = 'anna@example.org:{SSHA256}0XKkxkKdnBahv6VwgnzuO8IGvIaRg4Z0Bh1H3kiGHnRzYWx0U0FMVA==::::::\n';
const hash = '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s';
const ownStore = `
  import { definePlugin } from '@postern/contract';
  import { z } from 'zod';
  export const plugin = definePlugin({ apiVersion: 1, role: 'credential-store', use: 'own', config: z.strictObject({ url: z.url() }),
    create: () => ({ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify: async () => ({ kind: 'unknown-user' }) }) });
`;

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
  for (const file of ['door.pem', 'door.key', 'shims.pem']) folder.add(file, 'a file\n');
  for (const file of ['users.passwd', 'staff.passwd']) folder.add(file, passwd);
  folder.add('our-own-store.js', ownStore);
});
afterEach(() => folder.remove());

describe('a config that the documentation shows', () => {
  it.each(pages.flatMap((page) => configsOf(page).map((yaml, index) => [page, index + 1, yaml] as const)))(
    '%s, the one numbered %i, has no errors',
    async (_page, _index, yaml) => {
      // An outside plugin is loaded by a real Node in other tests; here it would need the test runner's module loader.
      folder.write(yaml.replaceAll(/'\{ARGON2ID\}[^']*…'/g, `'${hash}'`).replace(/ {2}- use: \.\/our-own-store\.js\n.*\n/, ''));
      const io = new TestIo(folder.path);
      Object.assign(io.env, { POSTERN_KEY: 'a key' });
      const code = await runCli(['check', '-c', folder.file], io);
      expect({ code, err: code === 0 ? '' : io.stderr.text }).toEqual({ code: 0, err: '' });
    },
  );

  it('is the quickstart, too', async () => {
    const io = new TestIo(folder.path);
    expect(await runCli(['check', '-c', join(repository, 'examples/quickstart/postern.yaml')], io)).toBe(0);
  });
});
