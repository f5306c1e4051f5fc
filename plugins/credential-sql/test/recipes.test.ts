import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  attempt,
  describeWithServers,
  ServerRoom,
  startMariadb,
  startPostgres,
  type DatabaseServer,
  type StoreUnderTest,
} from '@postern/testkit';
import { parse } from 'yaml';
import { liveServices, makeStore, never } from './support/people.js';
import { schemas, type Login } from './support/schemas.js';
import { createSqlite } from './support/sqlite.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/stores/sql.md'), 'utf8');

/** The config that stands below a heading of the page; it is what people copy. */
const recipe = (name: string): object => {
  const [, yaml] = new RegExp(`<!-- recipe: ${name} -->\\s+\`\`\`yaml\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (yaml === undefined) throw new Error(`the page has no recipe for ${name}`);
  const { plugins } = parse(yaml) as { plugins: [{ with: object }] };
  return plugins[0].with;
};

/** By another's hash nothing is replaced; by the right one, once. */
const expectKept = async (store: StoreUnderTest, { user, password }: Login, previous: string): Promise<void> => {
  const account = { user, attributes: {} };
  const keep = (hash: string, seen: string) => store.enroll?.(account, { hash, previous: seen }, never);
  const digest = createHash('sha512').update(`${password}salt`).digest();
  const hash = `{SSHA512}${Buffer.concat([digest, Buffer.from('salt')]).toString('base64')}`;
  expect(await keep(hash, 'not the one')).toEqual({ kind: 'conflict' });
  expect(await keep(hash, previous)).toEqual({ kind: 'enrolled' });
  expect(await keep('{SSHA512}none', previous)).toEqual({ kind: 'conflict' });
  expect((await store.verify(attempt({ user, password }), never)).kind).toBe('accepted');
};

describeWithServers({ describe, it }, 'the recipes of docs/stores/sql.md', () => {
  let room: ServerRoom;
  let postgres: DatabaseServer;
  let mariadb: DatabaseServer;
  const opened: StoreUnderTest[] = [];

  beforeAll(async () => {
    room = await ServerRoom.open();
    [postgres, mariadb] = await Promise.all([startPostgres(room), startMariadb(room)]);
  }, 120_000);

  afterAll(async () => {
    for (const store of opened) await store.stop?.(never);
    await room.close();
  });

  const fill = async (kind: string, name: string, sql: string): Promise<string> => {
    if (kind === 'sqlite') await createSqlite(room.path(`${name}.db`), sql);
    else await (kind === 'postgres' ? postgres : mariadb).sql(kind === 'postgres' ? `set role postern;\n${sql}` : sql);
    return { sqlite: `sqlite:${room.path(`${name}.db`)}`, postgres: postgres.url, mysql: mariadb.url }[kind] ?? '';
  };

  it.each(schemas)('fit $name on $kind', async ({ name, kind, sql, accepted, refused, unknown, attributes, enrolls }) => {
    const url = await fill(kind, name, sql);
    const store = makeStore({ ...recipe(name), url }, liveServices());
    opened.push(store);
    await store.start?.(never);
    for (const { user, password, protocol } of accepted) {
      const right = await store.verify(attempt({ user, password, protocol: protocol ?? 'imap' }), never);
      expect([user, right.kind, right.kind === 'deferred' && right.cause]).toEqual([user, 'accepted', false]);
      expect(right).toMatchObject({ account: { user: user.toLowerCase() } });
      expect((await store.verify(attempt({ user, password: `${password}x`, protocol: protocol ?? 'imap' }), never)).kind).toBe('rejected');
    }
    for (const { user, password, protocol } of refused) {
      expect([user, await store.verify(attempt({ user, password, protocol: protocol ?? 'imap' }), never)]).toEqual([
        user,
        { kind: 'refused', why: 'disabled', proofHeld: true },
      ]);
    }
    for (const user of unknown) expect((await store.verify(attempt({ user, password: 'x' }), never)).kind).toBe('unknown-user');
    const [first] = accepted;
    const found = await store.lookup?.(first?.user ?? '', never);
    expect(found).toMatchObject({ kind: 'found', account: { attributes } });
    expect(store.enroll !== undefined).toBe(enrolls !== undefined);
    if (first !== undefined && enrolls !== undefined) await expectKept(store, first, enrolls);
  });
});
