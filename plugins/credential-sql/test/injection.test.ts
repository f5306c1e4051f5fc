import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attempt, describeWithServers, ServerRoom, startMariadb, startPostgres } from '@postern/testkit';
import { makeStore, never, peopleConfig, peopleSql } from './support/people.js';

const hostile = [
  "' or 1=1 --",
  "' or ''='",
  '" or ""="',
  "'; drop table people; --",
  "\\' or 1=1 -- ",
  "x' union select '{PLAIN}x', 1, 'mail-a' --",
  '*)(uid=*',
  '%',
  '_',
  '$1',
  '?',
  '{user}',
  '{{user}}',
  '__proto__',
  "ann@example.org' --",
  'ann@example.org/*',
  '\u2019 or 1=1',
  '\u{1f600}',
];
const impossible = ['a\0b', 'ann@example.org\0', 'a\r\nb', '\ud800', 'x'.repeat(1_048_576)];

const statement = 'select password, enabled, host from people where email = ';

describeWithServers({ describe, it }, 'what the database server received for hostile users', () => {
  let room: ServerRoom;
  beforeAll(async () => {
    room = await ServerRoom.open();
  });
  afterAll(() => room.close());

  const askAll = async (url: string): Promise<void> => {
    const store = makeStore(peopleConfig(url));
    await store.start?.(never);
    for (const user of [...hostile, ...impossible]) {
      const { kind } = await store.verify(attempt({ user, password: 'x' }), never);
      expect([user.slice(0, 40), kind]).toEqual([user.slice(0, 40), 'unknown-user']);
    }
    await store.stop?.(never);
  };

  it('is the bound value, by the log of PostgreSQL', async () => {
    const server = await startPostgres(room, { setup: peopleSql });
    await askAll(server.url);
    const log = await server.output();
    const asked = [...log.matchAll(/execute (\S+): (select password.*)\n.*DETAIL: {2}parameters: (.*)/g)].map(([, , text, values]) => [
      text,
      values,
    ]);
    const expected = ['nobody@postern.invalid', ...hostile].map((user) => [`${statement}$1`, `$1 = '${user.replaceAll("'", "''")}'`]);
    expect(asked).toEqual(expected);
    expect((await server.sql('select count(*) from people')).trim()).toBe('106');
    const others = [...log.matchAll(/LOG: {2}(?:statement|execute [^:]*): (.*)/g)]
      .map(([, text]) => text)
      .filter((text) => text !== `${statement}$1`);
    expect(others.filter((text) => hostile.some((user) => user.length > 3 && text?.includes(user)))).toEqual([]);
  }, 120_000);

  it('is the bound value, by the log of MariaDB', async () => {
    const server = await startMariadb(room, { setup: peopleSql });
    await askAll(server.url);
    const lines = (await server.output()).split('\n').map((line) => line.replace(/^\S*(?: +\d+:\d+:\d+)?\s+\d+ /, ''));
    const prepared = lines.filter((line) => line.includes('Prepare'));
    expect([...new Set(prepared)]).toEqual([`Prepare\t${statement}?`]);
    const executed = lines.filter((line) => line.startsWith('Execute'));
    const escaped = (user: string): string => user.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('"', '\\"');
    expect(executed).toEqual(['nobody@postern.invalid', ...hostile].map((user) => `Execute\t${statement}'${escaped(user)}'`));
    expect((await server.sql('select count(*) from people')).trim()).toBe('106');
  }, 120_000);
});
