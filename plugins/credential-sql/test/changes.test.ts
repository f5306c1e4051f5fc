import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bindConfig, type Change } from '@postern/contract';
import {
  describeWithServers,
  FaultyProxy,
  ServerRoom,
  startPostgres,
  type DatabaseServer,
  type FakeServices,
  type StoreUnderTest,
} from '@postern/testkit';
import { sqlPlugin } from '@postern/credential-sql';
import { ChangeTeller } from '../src/change-teller.js';
import { hasty, liveServices, makeStore, never, peopleConfig, peopleSql } from './support/people.js';

/** What the page about SQL stores shows. */
const trigger = `
create function tell_postern() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform pg_notify('postern', lower(old.email)); end if;
  if tg_op <> 'DELETE' then perform pg_notify('postern', lower(new.email)); end if;
  return null;
end $$;
create trigger tell_postern after insert or update or delete on people for each row execute function tell_postern();`;

/** Resolves with what is announced next, after what was announced before. */
const announcement = (services: FakeServices): Promise<Change> =>
  new Promise((resolve) => {
    const end = services.changes.follow((change) => {
      end();
      resolve(change);
    });
  });

describeWithServers({ describe, it }, 'changes in PostgreSQL', () => {
  let room: ServerRoom;
  let server: DatabaseServer;
  const opened: { readonly store: StoreUnderTest; readonly services: FakeServices }[] = [];

  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startPostgres(room, { setup: peopleSql + trigger });
  }, 120_000);
  afterEach(async () => {
    for (const { store } of opened.splice(0)) {
      await store.stop?.(never);
      await store.stop?.(never);
    }
  });
  afterAll(async () => {
    await room.close();
  });

  const started = async (
    url = server.url,
    more: object = {},
  ): Promise<{ readonly store: StoreUnderTest; readonly services: FakeServices }> => {
    const services = liveServices();
    const store = makeStore(peopleConfig(url, { changes: { channel: 'postern' }, ...more }), services);
    opened.push({ store, services });
    await store.start?.(never);
    return { store, services };
  };

  it('of a row are announced, by a trigger, for the old name and the new one; at the start there is nothing to announce', async () => {
    const { services } = await started();
    const changed = announcement(services);
    await server.sql("update people set enabled = 0 where email = 'user-1@example.org'");
    expect(await changed).toEqual({ user: 'user-1@example.org' });
    const renamed = announcement(services);
    await server.sql("update people set email = 'USER-two@example.org' where email = 'user-2@example.org'");
    await renamed;
    expect(services.changes.announced).toEqual([
      { user: 'user-1@example.org' },
      { user: 'user-2@example.org' },
      { user: 'user-two@example.org' },
    ]);
  });

  it.each<[string, Change]>([
    ['@example.org', { domain: 'example.org' }],
    ['*', { all: true }],
    ['', { all: true }],
    ['__proto__', { user: '__proto__' }],
    ["o'brien@example.org; drop table people", { user: "o'brien@example.org; drop table people" }],
  ])('may be told by hand: %j', async (message, change) => {
    const { services } = await started();
    const heard = announcement(services);
    await server.sql(`select pg_notify('other', 'x'); select pg_notify('postern', $m$${message}$m$)`);
    expect(await heard).toEqual(change);
    expect(services.changes.announced).toEqual([change]);
  });

  it('of a whole table become one', async () => {
    const { services } = await started();
    const heard = announcement(services);
    await server.sql("select count(pg_notify('postern', 'user-' || n)) from generate_series(1, 20000) n");
    expect(await heard).toEqual({ all: true });
    expect(services.changes.announced.length).toBeLessThan(20);
  });

  it('that were missed while the server was gone may be anybody’s', async () => {
    const { store, services } = await started();
    const heard = announcement(services);
    await server.stop();
    await server.sql('select 1').catch(() => undefined);
    expect((await store.health?.(never))?.status).not.toBe('up');
    await server.start();
    expect(await heard).toEqual({ all: true });
    expect(services.log.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['changes are not heard', 'changes are heard again']),
    );
    const next = announcement(services);
    await server.sql("notify postern, 'ann@example.org'");
    expect(await next).toEqual({ user: 'ann@example.org' });
  }, 120_000);

  it('that were missed because one session was ended may be anybody’s, too', async () => {
    const { services } = await started();
    const heard = announcement(services);
    await server.sql("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'");
    expect(await heard).toEqual({ all: true });
  });

  it('are waited for in vain behind a network that swallows everything: it is noticed, and told when it is over', async () => {
    const proxy = await FaultyProxy.start(room, server);
    const { store, services } = await started(server.url.replace(String(server.port), String(proxy.port)), hasty);
    const heard = announcement(services);
    await proxy.become({ kind: 'black-hole' });
    await server.sql("notify postern, 'lost@example.org'");
    while ((await store.health?.(never))?.note?.includes('changes are not heard') !== true)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await proxy.become({ kind: 'pass' });
    expect(await heard).toEqual({ all: true });
  }, 120_000);

  it('are listened for at the first server that takes it', async () => {
    const { services } = await started(server.url.replace('127.0.0.1:', `127.0.0.1:1,127.0.0.1:`));
    const heard = announcement(services);
    await server.sql("notify postern, 'ann@example.org'");
    expect(await heard).toEqual({ user: 'ann@example.org' });
  });

  it('take one connection, which goes with the store', async () => {
    const listeners = (): Promise<string> =>
      server.sql("select count(*) from pg_stat_activity where query like 'listen%' or query = 'select 1'");
    const { store, services } = await started();
    await store.start?.(never);
    expect((await listeners()).trim()).not.toBe('0');
    await store.stop?.(never);
    expect(services.clock.pending).toBe(0);
    await server.sql("notify postern, 'after@example.org'");
    expect(services.changes.announced).toEqual([]);
  });

  it('a server that is not there keeps no login waiting and no start from failing as before', async () => {
    const services = liveServices();
    const store = makeStore(peopleConfig('postgres://postern:x@127.0.0.1:1/mail', { changes: { channel: 'postern' } }), services);
    opened.push({ store, services });
    await expect(store.start?.(never)).rejects.toThrow();
    expect((await store.health?.(never))?.status).toBe('down');
  });
});

describe('the option `changes`', () => {
  const adviceOn = (url: string, more: object = {}) => {
    const config = sqlPlugin.config.parse({
      url,
      query: 'select password from people where email = {user}',
      changes: { channel: 'postern' },
      ...more,
    });
    bindConfig(config, { directory: '/', env: {} });
    return sqlPlugin.inspect?.(config).advice?.filter(({ path }) => path[0] === 'changes');
  };

  it('is for PostgreSQL alone, and warns behind a pooler', () => {
    expect(adviceOn('postgres://u:p@db/mail')).toEqual([]);
    expect(adviceOn('mysql://u:p@db/mail')).toEqual([
      expect.objectContaining({ severity: 'error', message: expect.stringContaining('mysql') }),
    ]);
    expect(adviceOn('sqlite:/people.db')).toEqual([expect.objectContaining({ severity: 'error' })]);
    expect(adviceOn('postgres://u:p@db/mail', { prepare: false })).toEqual([expect.objectContaining({ severity: 'warning' })]);
  });

  it.each(['', 'Postern', 'postern; drop table people', 'pos"tern', '1st', 'a'.repeat(64), 'a b'])('takes no channel %j', (channel) => {
    expect(() => adviceOn('postgres://u:p@db/mail', { changes: { channel } })).toThrow();
  });
});

describe('messages', () => {
  it('that come together are told together, each once, and the last ones before the end', async () => {
    const services = liveServices();
    const teller = new ChangeTeller(services);
    for (const message of ['ann', 'bob', 'ann', '@x.org']) teller.hear(message);
    teller.stop();
    teller.stop();
    expect(services.changes.announced).toEqual([{ user: 'ann' }, { user: 'bob' }, { domain: 'x.org' }]);
  });
});
