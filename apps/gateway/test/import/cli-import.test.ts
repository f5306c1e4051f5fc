import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../src/cli/run-cli.js';
import { runIn } from '../support/command-line.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { TestIo } from '../support/test-io.js';

interface Libsql {
  exec(sql: string): void;
  prepare(sql: string): { all(): readonly Record<string, unknown>[] };
  close(): void;
}

const require = createRequire(new URL('../../../../packages/sql/package.json', import.meta.url));
const Database = require('libsql') as new (path: string) => Libsql;

const sha512 = `{SSHA512}${Buffer.alloc(72, 1).toString('base64')}`;
const canary = 'c4n4ry-pa55word';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const sql = <T>(use: (database: Libsql) => T): T => {
  const database = new Database(`${folder.path}/users.db`);
  try {
    return use(database);
  } finally {
    database.close();
  }
};

const rows = (): readonly Record<string, unknown>[] => sql((database) => database.prepare('select * from users order by email').all());

const withStore = (more: object = {}, entry: object = {}): void => {
  sql((database) =>
    database.exec(
      "create table users (email text primary key, password text, host text); insert into users values ('old@example.org', '{PLAIN}kept', 'here')",
    ),
  );
  folder.write(
    smallConfig({
      identity: { defaultDomain: 'example.org' },
      plugins: [
        ...(smallConfig()['plugins'] as object[]),
        {
          use: 'sql',
          as: 'customers',
          ...entry,
          with: {
            url: `sqlite:${folder.path}/users.db`,
            query: 'select password, host from users where email = {user}',
            enroll: 'insert into users (email, password, host) values ({user}, {password}, {attributes.host}) on conflict do nothing',
            ...more,
          },
        },
      ],
    }),
  );
};

const run = async (content: string, words: readonly string[]) => {
  folder.add('in.txt', content);
  const ran = await runIn(folder, ['import', 'in.txt', ...words]);
  expect(ran.out + ran.err).not.toContain(canary);
  return ran;
};

const into = ['--format', 'csv', '--into', 'customers'];

describe('postern import', () => {
  it('tells what a file holds, without any config', async () => {
    const lines = [
      `ann:${sha512}::::::host=mail-a`,
      `bob:{PLAIN}${canary}`,
      'carl:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
      `off:${sha512}::::::nologin`,
      'none:!',
      '',
    ];
    const { code, out, err } = await run(lines.join('\n'), ['--format', 'passwd-file']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const said of [
      '3 users',
      'SSHA512: 1',
      'PLAIN: 1 (clear text; kept as ARGON2ID)',
      'allowWeak: [SHA]',
      'host: 1',
      '1 disabled',
      '1 without a password',
    ])
      expect(out).toContain(said);
  });

  it.each<[format: string, content: string, words: readonly string[], last: string]>([
    [
      'passwd-file',
      `ann:${sha512}`,
      [],
      'nothing was written; --into INSTANCE keeps the users in a store, --dry-run with it only asks who is there',
    ],
    [
      'csv',
      `user,hash,host\nann,${sha512},m`,
      [],
      'nothing was written; --into INSTANCE keeps the users in a store, --dry-run with it only asks who is there',
    ],
    [
      'ldif',
      `dn: uid=ann\nmail: ann@example.org\nuserPassword: ${sha512}\n`,
      [],
      'nothing was written; --into INSTANCE keeps the users in a store, --dry-run with it only asks who is there',
    ],
    ['passwd-file', '# nobody\n', [], 'nothing was written, and there is nothing to write'],
    ['csv', 'user,hash\n', ['--into', 'customers'], 'nothing was written, and there is nothing to write'],
    ['popmap', 'ann:mail-a', [], 'nothing was written; --to-table FILE writes the rows into a table'],
    ['popmap', 'ann:mail-a', ['--to-table', 'homes.txt', '--dry-run'], 'nothing was written (--dry-run)'],
    ['popmap', '# empty', ['--to-table', 'homes.txt'], 'nothing was written, and there is nothing to write'],
  ])('ends the report of a %s that was not written with what could be done: %j %j', async (format, content, words, last) => {
    withStore();
    const { code, out } = await run(content, ['--format', format, ...words]);
    expect(out.trimEnd().split('\n').slice(-2)).toEqual(['', last]);
    expect([code, rows().length, existsSync(`${folder.path}/homes.txt`)]).toEqual([0, 1, false]);
  });

  it('says of attributes what becomes of them, and only where there are some', async () => {
    const csv = await run(`user,hash,host\nann,${sha512},m`, ['--format', 'csv']);
    expect(csv.out).toContain(
      'attributes: host: 1\n  of these a store keeps what its option enroll names, as {attributes.host}; the others are dropped\n',
    );
    expect((await run(`user,hash\nann,${sha512}`, ['--format', 'csv'])).out).not.toContain('attribute');
  });

  it('says what still has to look at allow_nets, and that holds', async () => {
    const passwd = `ann:${sha512}::::::allow_nets=192.0.2.0/24\nbob:${sha512}\n`;
    const { out } = await run(passwd, ['--format', 'passwd-file']);
    expect(out).toContain('allow_nets: no store minds it by itself');
    expect(out).toContain('networks: attributes.allow_nets');
    expect((await run(`bob:${sha512}`, ['--format', 'passwd-file'])).out).not.toContain('allow_nets');

    sql((database) => database.exec('create table users (email text primary key, password text, allow_nets text)'));
    const store = {
      url: `sqlite:${folder.path}/users.db`,
      query: 'select password, allow_nets from users where email = {user}',
      enroll: 'insert into users (email, password, allow_nets) values ({user}, {password}, {attributes.allow_nets}) on conflict do nothing',
    };
    const plugins = [
      { use: 'permit', with: { networks: 'attributes.allow_nets' } },
      { use: 'sql', as: 'customers', with: store },
      { use: 'domain', with: { routes: { 'example.org': 'mail-a' }, default: 'mail-b' } },
    ];
    folder.write(smallConfig({ identity: { defaultDomain: 'example.org' }, plugins }));
    expect(await run(passwd, ['--format', 'passwd-file', '--into', 'customers'])).toMatchObject({
      err: '',
      out: expect.stringContaining('2 kept'),
    });
    const explained = async (user: string, ip: string) => runCli(['explain', user, '--client-ip', ip], new TestIo(folder.path));
    expect([await explained('ann', '192.0.2.1'), await explained('ann', '198.51.100.1'), await explained('bob', '198.51.100.1')]).toEqual([
      0, 1, 0,
    ]);
  });

  it('keeps hashes and attributes in the store, under canonical names, and overwrites nobody', async () => {
    withStore();
    const csv = `user,hash,host\nAnn,${sha512},mail-a\nold@example.org,${sha512},there\n__proto__,${sha512},\nbob@example.org,{PLAIN}${canary},mail-b\n`;
    const { code, out, err } = await run(csv, into);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('customers: 3 kept, 1 left as they were');
    expect(rows()).toMatchObject([
      { email: '__proto__@example.org', password: sha512, host: null },
      { email: 'ann@example.org', password: sha512, host: 'mail-a' },
      { email: 'bob@example.org', password: expect.stringMatching(/^\{ARGON2ID\}\$argon2id/), host: 'mail-b' },
      { email: 'old@example.org', password: '{PLAIN}kept', host: 'here' },
    ]);
    expect((await run(csv, into)).out).toContain('customers: 0 kept, 4 left as they were');
  });

  const half = `user,hash\nann,${sha512}\nbob,{NTLM}${canary}\nann@example.org,${sha512}\ncarl,{nonsense}${canary}\n"x,${canary}\na b\u202e,${sha512}\n`;

  it('imports nothing when a line is broken, and lists every one', async () => {
    withStore();
    const { code, out } = await run(half, into);
    expect(code).toBe(1);
    for (const said of [
      /^in\.txt:3: .*NTLM/m,
      /^in\.txt:4: the user of line 2/m,
      /^in\.txt:5: /m,
      /^in\.txt:6: a quote/m,
      /^in\.txt:7: the login/m,
    ])
      expect(out).toMatch(said);
    expect(out).toContain('nothing was imported');
    expect(rows()).toHaveLength(1);
  });

  it('imports the rest where it is told so', async () => {
    withStore();
    const { code, out } = await run(half, [...into, '--skip-broken', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as { readonly broken: readonly { readonly line: number }[] };
    expect(report).toMatchObject({
      refused: false,
      users: 1,
      into: { store: 'customers', written: { enrolled: 1, conflicts: 0, failed: [] } },
    });
    expect(report.broken.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7]);
    expect(rows()).toMatchObject([{ email: 'ann@example.org' }, { email: 'old@example.org' }]);
  });

  it('leaves no header out: without it nothing below means anything', async () => {
    withStore();
    const { code, out } = await run('name,hash\nann,{PLAIN}x\n', [...into, '--skip-broken']);
    expect(code).toBe(1);
    expect(out).toContain('nothing was imported: mend the header first');
    expect(out).not.toContain('--skip-broken');
  });

  it('asks who is there and writes nothing when dry', async () => {
    withStore();
    const { code, out } = await run(`user,hash\nann,${sha512}\nold,${sha512}\n`, [...into, '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('customers, asked and not written to: 1 new, 1 there already');
    expect(rows()).toHaveLength(1);
  });

  it('breaks off at a store that fails again and again, and ends with 1', async () => {
    withStore({ enroll: 'insert into users (email, password, host) values ({user}, {password}, no_such_function())' });
    const csv = ['user,hash', ...Array.from({ length: 200 }, (_, index) => `u${index},${sha512}`)].join('\n');
    const { code, out } = await run(csv, into);
    expect(code).toBe(1);
    expect(out).toContain('broken off');
    expect(Number(/(\d+) of which the store/.exec(out)?.[1])).toBeLessThan(40);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no format', ['--into', 'customers'], /--format/],
    ['an unknown format', ['--format', 'xml'], /Allowed choices/],
    ['a store that is not there', ['--format', 'csv', '--into', 'nobody'], /people, customers/],
    ['a router', ['--format', 'csv', '--into', 'domain'], /is a backend-router/],
    ['a store that keeps no hashes', ['--format', 'csv', '--into', 'people'], /cannot keep hashes/],
    ['a popmap for a store', ['--format', 'popmap', '--into', 'customers'], /--to-table/],
    ['a table of a CSV file', ['--format', 'csv', '--to-table', 'x'], /only a popmap/],
    ['a field without a column', ['--format', 'csv', '--field', 'user'], /NAME=COLUMN/],
    ['fields of a passwd-file', ['--format', 'passwd-file', '--field', 'user=x'], /csv and ldif/],
    ['a delimiter that is none', ['--format', 'csv', '--delimiter', '""'], /cannot part/],
    ['an unknown scheme', ['--format', 'csv', '--default-scheme', 'ROT13'], /no password scheme/],
    ['a scheme that is not made', ['--format', 'csv', '--scheme', 'MD5'], /ARGON2ID/],
  ])('ends with 2 for %s', async (_name, words, said) => {
    withStore();
    const { code, err } = await run(`user,hash\nann,${sha512}\n`, words);
    expect({ code, said: said.test(err) ? '' : err }).toEqual({ code: 2, said: '' });
    expect(rows()).toHaveLength(1);
  });

  it('ends with 2 for a store that is switched off', async () => {
    withStore({}, { mode: 'off' });
    expect(await run('user,hash', into)).toMatchObject({ code: 2, err: expect.stringContaining('switched off') });
  });

  it('ends with 2 for a file that is not there, and for a folder', async () => {
    for (const file of ['nothing.csv', '.']) {
      const io = new TestIo(folder.path);
      expect(await runCli(['import', file, '--format', 'csv'], io)).toBe(2);
      expect(io.stderr.text).toMatch(/cannot be read|is no file/);
    }
  });

  it('makes a table of a popmap that the router reads, and overwrites none', async () => {
    const popmap = '# perdition\nann@example.org:10.0.0.1:143\n@example\\.net$: mail-b\n.*: mail-a\n';
    const { code, out } = await run(popmap, ['--format', 'popmap', '--to-table', 'homes.txt']);
    expect({ code, rows: out.includes('3 rows written') }).toEqual({ code: 0, rows: true });
    expect(out).toContain('to be declared: mail-b, mail-a');
    expect(readFileSync(`${folder.path}/homes.txt`, 'utf8')).toBe('ann@example.org 10.0.0.1:143\nexample.net mail-b\n* mail-a\n');
    expect(await run('.*: evil', ['--format', 'popmap', '--to-table', 'homes.txt'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('not overwritten'),
    });
    expect(readFileSync(`${folder.path}/homes.txt`, 'utf8')).toContain('mail-b');
  });

  it('writes no table of a popmap with a broken line', async () => {
    expect((await run('ann:mail-a\nann:mail-b\n', ['--format', 'popmap', '--to-table', 'homes.txt'])).code).toBe(1);
    expect(existsSync(`${folder.path}/homes.txt`)).toBe(false);
  });

  it('takes clear text from LDIF', async () => {
    withStore();
    const ldif = `dn: uid=ann\nmail: ann@example.org\nuserPassword: ${canary}\nmailHost: mail-a\n`;
    expect((await run(ldif, ['--format', 'ldif', '--into', 'customers', '--scheme', 'ssha512'])).out).toContain('1 kept');
    expect(rows()[0]).toMatchObject({ password: expect.stringMatching(/^\{SSHA512\}/), host: 'mail-a' });
  });

  it('goes over a large file in pieces, and shows on a terminal how far it is', async () => {
    folder.add('in.txt', Array.from({ length: 30_000 }, (_, index) => `user-${index}:${sha512}`).join('\n'));
    const io = new TestIo(folder.path);
    Object.assign(io.stderr, { isTTY: true });
    expect(await runCli(['import', 'in.txt', '--format', 'passwd-file'], io)).toBe(0);
    expect(io.stderr.text).toMatch(/reading … \d+ %/);
    expect(io.stdout.text).toContain('30000 users');
  });
});
