import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { describeWithServers, ServerRoom, startRedis, type RedisServer } from '@postern/testkit';
import { runSqlite, sqliteFile } from './end-to-end/setup/sqlite-file.js';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import type { RunningGateway } from './support/running-gateway.js';
import { RunningGateways } from './support/running-gateways.js';

jest.setTimeout(120_000);

describeWithServers({ describe, it }, 'the directory guard through an outage of Redis', () => {
  let room: ServerRoom;
  let redis: RedisServer;
  let folder: ConfigFolder;
  let gateways: RunningGateways;
  beforeAll(async () => {
    room = await ServerRoom.open();
    redis = await startRedis(room);
  });
  beforeEach(async () => {
    await redis.command('FLUSHALL');
    folder = new ConfigFolder();
    gateways = new RunningGateways(folder);
  });
  afterEach(async () => {
    redis.thaw();
    await gateways.stopAll();
    folder.remove();
  });
  afterAll(() => room.close());

  const start = async (database: string): Promise<RunningGateway> => {
    const { plugins, ...small } = smallConfig();
    const [, router] = plugins as readonly unknown[];
    const sql = { url: `sqlite:${database}`, query: 'select password from users where email = {user}', allowWeak: ['PLAIN'] };
    folder.write({
      ...small,
      redis: { url: redis.url },
      plugins: [{ use: 'throttle', with: { guard: { tries: 8, per: '1h' } } }, { use: 'sql', with: sql }, router],
    });
    return gateways.start();
  };

  const status = async (gateway: RunningGateway, password: string): Promise<string> =>
    header(await ask(gateway.door('nginx'), { password }), 'Auth-Status') ?? '';
  const flush = async (gateway: RunningGateway): Promise<number> => {
    const body = JSON.stringify({ user: 'anna@example.org' });
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch(`http://${gateway.door('operator')}/api/v1/cache/flush`, { method: 'POST', headers, body })).status;
  };

  it('a password that was wrong before and was made the right one meanwhile is no wrong one afterwards', async () => {
    const setup = `create table users (email text, password text); insert into users values ('anna@example.org', '{PLAIN}old');`;
    const database = await sqliteFile(room, 'guarded.db', setup);
    const [one, other] = [await start(database), await start(database)];
    expect([await status(one, 'old'), await status(one, 'soon')]).toEqual(['OK', expect.stringMatching(/AUTHENTICATIONFAILED/)]);
    redis.freeze();
    for (const gateway of [one, other]) await gateway.until(/the shared state: it cannot be reached/);
    runSqlite(database, `update users set password = '{PLAIN}soon'`);
    // The other one never hears of it.
    expect(await flush(one)).toBe(200);
    expect(await status(one, 'soon')).toBe('OK');
    redis.thaw();
    for (const gateway of [one, other])
      await gateway.until(/the shared state is reached[\s\S]*cannot be reached[\s\S]*the shared state is reached/);
    for (const gateway of [one, other]) expect(await status(gateway, 'soon')).toBe('OK');
  });
});
