import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startRedis, type RedisServer } from '@postern/testkit';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { RunningGateway } from './support/running-gateway.js';
import { RunningGateways } from './support/running-gateways.js';
import { limitingPolicy } from './support/limiting-policy.js';

describeWithServers({ describe, it }, 'gateways that share their state in Redis', () => {
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
    folder.add('limit.mjs', limitingPolicy);
    gateways = new RunningGateways(folder);
  });

  afterEach(async () => {
    await gateways.stopAll();
    folder.remove();
  });

  afterAll(() => room.close());

  const config = (changed: object = {}): Record<string, unknown> => {
    const small = smallConfig();
    return {
      ...small,
      redis: { url: redis.url },
      plugins: [{ use: './limit.mjs', with: { tries: 5 } }, ...(small['plugins'] as unknown[])],
      ...changed,
    };
  };

  const start = (): Promise<RunningGateway> => gateways.start();

  const try_ = async (gateway: RunningGateway, password: string): Promise<string> =>
    header(await ask(gateway.door('nginx'), { password }), 'Auth-Status') ?? '';

  const readiness = async (gateway: RunningGateway): Promise<unknown> => (await fetch(`http://${gateway.door('operator')}/readyz`)).json();

  const metric = async (gateway: RunningGateway, state: string): Promise<string | undefined> => {
    const text = await (await fetch(`http://${gateway.door('operator')}/metrics`)).text();
    return new RegExp(`^postern_shared_state\\{state="${state}"\\} (\\d)`, 'm').exec(text)?.[1];
  };

  it('a limit holds over both of them', async () => {
    // With time to spare: on a busy machine a slow command would look like an outage, and each gateway would count for itself.
    folder.write(config({ redis: { url: redis.url, timeout: '5s' } }));
    const [one, other] = [await start(), await start()];
    // Until Redis is reached, each counts for itself.
    for (const gateway of [one, other]) while ((await metric(gateway, 'shared')) !== '1') await setTimeout(5);
    for (let count = 0; count < 3; count++) expect(await try_(one, `wrong ${count}`)).toMatch(/AUTHENTICATIONFAILED/);
    for (let count = 3; count < 5; count++) expect(await try_(other, `wrong ${count}`)).toMatch(/AUTHENTICATIONFAILED/);
    for (const gateway of [one, other]) expect(await try_(gateway, 'sesame')).toMatch(/LIMIT/);
    expect(await readiness(one)).toMatchObject({ status: 'ready', shared: { status: 'up' } });
    expect(await metric(one, 'shared')).toBe('1');
  });

  it('an outage of Redis is no outage of logins: the own memory limits, readyz, metrics and log say so, and it comes back', async () => {
    folder.write(config());
    const gateway = await start();
    for (let count = 0; count < 3; count++) await try_(gateway, `wrong ${count}`);
    await redis.kill();
    await gateway.until(/"msg":"the shared state: it cannot be reached/);
    for (let count = 3; count < 5; count++) expect(await try_(gateway, `wrong ${count}`)).toMatch(/AUTHENTICATIONFAILED/);
    expect(await try_(gateway, 'sesame')).toMatch(/LIMIT/);
    expect(await readiness(gateway)).toMatchObject({
      status: 'degraded',
      shared: { status: 'degraded', note: expect.stringContaining('own memory') },
    });
    expect(await metric(gateway, 'fallback')).toBe('1');
    await redis.start();
    await gateway.until(/the shared state is reached[\s\S]*cannot be reached[\s\S]*the shared state is reached/);
    expect(await readiness(gateway)).toMatchObject({ status: 'ready', shared: { status: 'up' } });
    expect(await try_(gateway, 'sesame')).toBe('OK');
  });

  it('starts without Redis, and answers', async () => {
    folder.write(config({ redis: { url: 'redis://:canary-of-redis@127.0.0.1:1' } }));
    const gateway = await start();
    expect(await try_(gateway, 'sesame')).toBe('OK');
    expect(await readiness(gateway)).toMatchObject({ status: 'degraded' });
    expect(gateway.io.stdout.text).not.toContain('canary-of-redis');
  });

  it('says that another Redis needs a restart', async () => {
    folder.write(config());
    const gateway = await start();
    folder.write(config({ redis: { url: redis.url, prefix: 'other:' } }));
    gateway.io.signal('SIGHUP');
    await gateway.until(/"msg":"reloaded"/);
    expect(gateway.io.stdout.text).toContain('restart-needed');
  });

  it('places by what stands in Redis', async () => {
    const small = smallConfig();
    const plugins = [(small['plugins'] as unknown[])[0], { use: 'table', with: { redis: { key: 'home:{user}' } } }];
    folder.write({ ...small, redis: { url: redis.url }, plugins });
    await redis.command('SET', 'home:anna@example.org', 'mail-b');
    const gateway = await start();
    expect(header(await ask(gateway.door('nginx')), 'Auth-Server')).toBe('127.0.0.2');
    await redis.command('DEL', 'home:anna@example.org');
    expect(header(await ask(gateway.door('nginx')), 'Auth-Status')).toMatch(/UNAVAILABLE/);
  });

  it('refuses a table in Redis where there is none', async () => {
    const small = smallConfig();
    folder.write({ ...small, plugins: [(small['plugins'] as unknown[])[0], { use: 'table', with: { redis: { key: 'home:{user}' } } }] });
    const gateway = new RunningGateway(folder);
    expect(await gateway.ended).toBe(2);
    expect(gateway.io.stderr.text).toContain('redis-missing');
  });
});
