import 'reflect-metadata';
import { afterAll, beforeAll, expect, describe, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres, type DatabaseServer } from '@postern/testkit';
import { runCli } from '../../src/cli/run-cli.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { TestIo } from '../support/test-io.js';

type Dialect = 'postgres' | 'mariadb';

const kept = `{SSHA512}${Buffer.alloc(72, 1).toString('base64')}`;
const before = '{PLAIN}before';
const many = 4000;

/** As the store's page has it for rows that may be missing, with the host. */
const enrollOf: Readonly<Record<Dialect, string>> = {
  postgres: `insert into users (email, password, host) select {user}, {password}, {attributes.host}
    where {previous}::text is null or exists (select from users where email = {user})
    on conflict (email) do update set password = excluded.password where users.password is not distinct from {previous}`,
  mariadb: `insert into users (email, password, host) select {user}, {password}, {attributes.host} from dual
    where {previous} is null or exists (select 1 from users known where known.email = {user})
    on duplicate key update password = if(users.password <=> {previous}, {password}, users.password)`,
};

describeWithServers({ describe, it }, 'an import into a database', () => {
  let room: ServerRoom;
  let servers: Readonly<Record<Dialect, DatabaseServer>>;

  beforeAll(async () => {
    room = await ServerRoom.open();
    const [postgres, mariadb] = await Promise.all([startPostgres(room), startMariadb(room)]);
    servers = { postgres, mariadb };
  }, 120_000);
  afterAll(() => room.close());

  const sql = (dialect: Dialect, statements: string): Promise<string> =>
    servers[dialect].sql(dialect === 'postgres' ? `set role postern;\n${statements}` : statements);

  const number = async (dialect: Dialect, rows: string): Promise<number> =>
    Number((await sql(dialect, `select count(*) from users where ${rows};`)).trim().split(/\s/).at(-1));

  const emptied = (dialect: Dialect): Promise<string> =>
    sql(
      dialect,
      `drop table if exists users;
       create table users (email varchar(190) primary key, password varchar(250), host varchar(100));
       insert into users values ('user-7@example.org', '${before}', 'here'), ('user-8@example.org', null, 'there');`,
    );

  const importing = async (dialect: Dialect, lines: readonly string[], ...words: readonly string[]) => {
    const folder = new ConfigFolder();
    try {
      const store = {
        url: servers[dialect].url,
        query: 'select password, host from users where email = {user}',
        enroll: enrollOf[dialect],
      };
      const plugins = [...(smallConfig()['plugins'] as object[]), { use: 'sql', as: 'customers', with: store }];
      folder.write(smallConfig({ identity: { defaultDomain: 'example.org' }, plugins })).add('in.csv', lines.join('\n'));
      const io = new TestIo(folder.path);
      const code = await runCli(['import', 'in.csv', '--format', 'csv', '--into', 'customers', ...words], io);
      return { code, said: io.stdout.text + io.stderr.text };
    } finally {
      folder.remove();
    }
  };

  const users = Array.from({ length: many }, (_, index) => `user-${index},${kept},mail-${index % 3}`);
  const file = ['user,hash,host', ...users, `o'neil,${kept},`, `__proto__,${kept},mail-1`, `100%_x,${kept},mail-2`];

  it.each<Dialect>(['postgres', 'mariadb'])(
    'keeps thousands in %s but for somebody who is there, and nobody a second time',
    async (dialect) => {
      await emptied(dialect);
      const dry = await importing(dialect, file, '--dry-run');
      expect(dry).toEqual({ code: 0, said: expect.stringContaining(`${many + 2} new, 1 there already`) });
      expect(await number(dialect, '1 = 1')).toBe(2);
      const first = await importing(dialect, file);
      expect(first).toEqual({ code: 0, said: expect.stringContaining(`customers: ${many + 2} kept, 1 left as they were`) });
      expect(await number(dialect, `password = '${kept}'`)).toBe(many + 2);
      expect(await number(dialect, `email = 'user-7@example.org' and password = '${before}' and host = 'here'`)).toBe(1);
      expect(await number(dialect, `email = 'o''neil@example.org' and host is null`)).toBe(1);
      expect(await number(dialect, `email = '__proto__@example.org' and host = 'mail-1'`)).toBe(1);
      const again = await importing(dialect, file);
      expect(again).toEqual({ code: 0, said: expect.stringContaining(`customers: 0 kept, ${many + 3} left as they were`) });
      expect(await number(dialect, '1 = 1')).toBe(many + 3);
    },
    120_000,
  );

  it.each<Dialect>(['postgres', 'mariadb'])('writes nothing into %s where the last line is broken', async (dialect) => {
    await emptied(dialect);
    const { code, said } = await importing(dialect, [...file, 'last,{nonsense}x,mail-1']);
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`^in\\.csv:${many + 5}: `, 'm'));
    expect(said).toContain('nothing was imported');
    expect(await number(dialect, '1 = 1')).toBe(2);
  });

  it.each<Dialect>(['postgres', 'mariadb'])('names the lines that %s does not take, and keeps the rest', async (dialect) => {
    await emptied(dialect);
    const wide = `wide,${kept},${'h'.repeat(101)}`;
    const { code, said } = await importing(dialect, [...file.slice(0, 50), wide, ...file.slice(50, 300)]);
    expect(code).toBe(1);
    expect(said).toContain('customers: 298 kept, 1 left as they were');
    expect(said).toContain('1 of which the store could not tell; lines 51');
    expect(await number(dialect, "email = 'wide@example.org'")).toBe(0);
  });
});
