import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Change, CredentialStore, Lifecycle, Policy } from '@postern/contract';
import {
  attempt,
  describeWithServers,
  fakeServices,
  LiveClock,
  parseConfig,
  ServerRoom,
  startPostgres,
  type DatabaseServer,
} from '@postern/testkit';
import { bundledPlugins } from '../src/plugins.js';

const setup = `
create table users (email text primary key, password text not null);
insert into users values ('ann@example.org', '{PLAIN}old'), ('bob@example.org', '{PLAIN}bobs');
create function tell_postern() returns trigger language plpgsql as $$
begin
  perform pg_notify('postern', lower(old.email));
  return null;
end $$;
create trigger tell_postern after update or delete on users for each row execute function tell_postern();`;

const never = new AbortController().signal;

describeWithServers({ describe, it }, 'the cache before a PostgreSQL that tells of changes', () => {
  let room: ServerRoom;
  let server: DatabaseServer;

  beforeAll(async () => {
    room = await ServerRoom.open();
    server = await startPostgres(room, { setup });
  }, 120_000);
  afterAll(async () => {
    await room.close();
  });

  const open = async () => {
    const services = fakeServices({ clock: new LiveClock() });
    const [sql, cache] = [bundledPlugins.get('sql'), bundledPlugins.get('cache')];
    if (sql?.role !== 'credential-store' || cache?.role !== 'policy') throw new Error('not bundled');
    const options = {
      url: server.url,
      query: 'select password from users where email = {user}',
      allowWeak: ['PLAIN'],
      changes: { channel: 'postern' },
    };
    const store = sql.create(parseConfig(sql, options), services) as CredentialStore & Lifecycle;
    const policy = cache.create(parseConfig(cache, { ttl: '1h' }), services) as Policy & Lifecycle;
    await policy.start?.(never);
    await store.start?.(never);
    let asked = 0;
    const ask = policy.around((login, signal) => {
      asked += 1;
      return store.verify(login, signal);
    });
    const login = async (user: string, password: string): Promise<string> => {
      const before = asked;
      const { kind } = await ask(attempt({ user, password }), never);
      return asked > before ? `${kind}!` : kind;
    };
    const change = (): Promise<Change> => new Promise((resolve) => void services.changes.follow(resolve));
    const stop = async (): Promise<void> => {
      await store.stop?.(never);
      await policy.stop?.(never);
    };
    return { login, change, stop };
  };

  it('lets an old password die as soon as the database has another, and nobody else’s', async () => {
    const { login, change, stop } = await open();
    expect([await login('ann@example.org', 'old'), await login('bob@example.org', 'bobs')]).toEqual(['accepted!', 'accepted!']);
    expect([await login('ann@example.org', 'old'), await login('ann@example.org', 'new')]).toEqual(['accepted', 'rejected!']);
    const changed = change();
    await server.sql("update users set password = '{PLAIN}new' where email = 'ann@example.org'");
    expect(await changed).toEqual({ user: 'ann@example.org' });
    expect([await login('ann@example.org', 'old'), await login('ann@example.org', 'new')]).toEqual(['rejected!', 'accepted!']);
    expect(await login('bob@example.org', 'bobs')).toBe('accepted');
    await stop();
  });

  it('lets nobody in from memory after a time in which changes may have been missed', async () => {
    const { login, change, stop } = await open();
    expect(await login('bob@example.org', 'bobs')).toBe('accepted!');
    const missed = change();
    await server.stop();
    await server.start();
    expect(await missed).toEqual({ all: true });
    expect(await login('bob@example.org', 'bobs')).toBe('accepted!');
    await stop();
  }, 120_000);
});
