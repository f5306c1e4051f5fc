import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runCli } from '../src/cli/run-cli.js';
import { runSqlite } from './end-to-end/setup/sqlite-file.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { TestIo } from './support/test-io.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
  runSqlite(
    join(folder.path, 'customers.db'),
    "create table users (email text primary key, password text); insert into users values ('anna@example.org', null)",
  );
  const { plugins } = smallConfig();
  const sql = {
    url: 'sqlite:customers.db',
    query: 'select password from users where email = {user}',
    enroll: 'update users set password = {password} where email = {user} and password is {previous}',
    noPassword: 'unknown-user',
  };
  folder.write(
    smallConfig({
      plugins: [
        { use: 'capture', with: { from: 'people', into: 'customers', scheme: 'ssha512' } },
        ...(plugins as readonly object[]),
        { use: 'sql', as: 'customers', mode: 'shadow', with: sql },
      ],
    }),
  );
});
afterEach(() => folder.remove());

it('explain with the right password lets in and keeps nothing: no hash is captured, no ledger is written', async () => {
  const before = readFileSync(join(folder.path, 'customers.db'));
  const io = new TestIo(folder.path).typed('sesame');
  expect(await runCli(['explain', 'anna@example.org', '--password-stdin', '--json', '-c', folder.file], io)).toBe(0);
  expect(JSON.parse(io.stdout.text)).toMatchObject({ letIn: true });
  expect(readFileSync(join(folder.path, 'customers.db')).equals(before)).toBe(true);
  expect(() => readFileSync(join(folder.path, 'postern-migration.db'))).toThrow('ENOENT');
});
