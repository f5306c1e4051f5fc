import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { describeCredentialStore, parseConfig, type CredentialStoreSetup } from '@postern/testkit';
import { staticPlugin } from '../src/index.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const many = Array.from({ length: 100 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-${index}-of-many` }));

// htpasswd -nbBC 4, password Hash-of-Ann
const bcrypt = '$2y$04$unc1qZLXs0t5lUUeYP3Z5uKdNAgyrhtW4HagimJigTu9MI/KWdco2';

const make =
  (input: unknown): CredentialStoreSetup['make'] =>
  (services) =>
    staticPlugin.create(parseConfig(staticPlugin, input), services);

const inline = {
  users: {
    'ann@example.org': `{BLF-CRYPT}${bcrypt}`,
    'off@example.org': { password: '{PLAIN}Right-but-off', enabled: false },
    ...Object.fromEntries(many.map(({ user, password }) => [user, `{PLAIN}${password}`])),
  },
};

const common = {
  known: { user: 'ann@example.org', password: 'Hash-of-Ann' },
  unknown: 'nobody@example.org',
  disabled: { user: 'off@example.org', password: 'Right-but-off' },
  many,
};

describeCredentialStore(runner, {
  ...common,
  name: 'static with users in the config',
  make: make(inline),
  skip: {
    'aborted-during': 'it waits for nobody; the queue before heavy checks has its own test',
    outages: 'it has no backend that could be out',
    'failing-start': 'its start does nothing that could fail',
  },
});

describe('with a file', () => {
  let directory = '';
  const path = (name: string): string => join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-static-'));
    const lines = many.map(({ user, password }) => `${user}:{PLAIN}${password}`);
    await writeFile(
      path('passwd'),
      [`ann@example.org:${bcrypt}`, 'off@example.org:{PLAIN}Right-but-off::::::nologin', ...lines, ''].join('\n'),
    );
    await writeFile(path('htpasswd'), [`ann@example.org:${bcrypt}`, ...lines, ''].join('\n'));
    await writeFile(path('broken'), 'no colon here\n');
    await writeFile(path('empty'), '');
  });

  afterAll(() => rm(directory, { recursive: true }));

  const withFile =
    (name: string, format: string): CredentialStoreSetup['make'] =>
    (services) =>
      make({ file: path(name), format })(services);

  const trouble = {
    failingStart: withFile('broken', 'passwd-file'),
    outages: { 'with a broken file': withFile('broken', 'htpasswd'), 'with an empty file': withFile('empty', 'passwd-file') },
  };
  const waitsForNobody = 'it waits for nobody once the file is read; the queue before heavy checks has its own test';

  describeCredentialStore(runner, {
    ...common,
    ...trouble,
    name: 'static with a passwd-file',
    make: withFile('passwd', 'passwd-file'),
    skip: { 'aborted-during': waitsForNobody },
  });

  const { disabled: off, ...withoutDisabled } = common;
  describeCredentialStore(runner, {
    ...withoutDisabled,
    ...trouble,
    name: 'static with an htpasswd file',
    make: withFile('htpasswd', 'htpasswd'),
    skip: { 'aborted-during': waitsForNobody, disabled: `the format has no word for it, so there is no ${off.user}` },
  });
});
