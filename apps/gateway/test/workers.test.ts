import { readFileSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort, Gateway, ServerRoom } from '@postern/testkit';
import { ask, header } from './support/ask.js';
import { smallConfig } from './support/config-folder.js';
import { limitingPolicy } from './support/limiting-policy.js';

const script = join(import.meta.dirname, '../bin/postern.js');

// Each of them starts three processes, on a machine that may be busy.
jest.setTimeout(90_000);

describe('several workers', () => {
  let room: ServerRoom;
  let door: string;
  let operator: string;

  beforeEach(async () => {
    room = await ServerRoom.open();
    door = `127.0.0.1:${await freePort()}`;
    operator = `127.0.0.1:${await freePort()}`;
    await room.write('gateway/limit.mjs', limitingPolicy);
  });

  afterEach(() => room.close());

  const config = (changed: object = {}) => {
    const { plugins, ...small } = smallConfig();
    const limit = { use: './limit.mjs', with: { tries: 20 } };
    return { ...small, listen: door, operator: { listen: operator }, workers: 2, plugins: [limit, ...(plugins as unknown[])], ...changed };
  };

  const start = (changed: object = {}): Promise<Gateway> => Gateway.start(room, { script, config: config(changed) });

  const status = async (password = 'sesame', at = door): Promise<string> => header(await ask(at, { password }), 'Auth-Status') ?? 'nothing';

  const report = async (): Promise<{ status: string; workers: { wanted: number; answering: number } }> =>
    (await fetch(`http://${operator}/readyz`)).json() as Promise<{ status: string; workers: { wanted: number; answering: number } }>;

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://${operator}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };

  const pidsOf = (gateway: Gateway): readonly number[] =>
    [...gateway.output().matchAll(/"worker":"?(\d)"?,"pid":(\d+)/g)].map(([, , pid]) => Number(pid));

  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error('it did not come to that in time');
      await pause(20);
    }
  };

  const children = (gateway: Gateway): readonly number[] => {
    const text = readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8');
    return text
      .trim()
      .split(' ')
      .filter((one) => one !== '')
      .map(Number);
  };

  it('says once that they are ready, answers, adds up what it measures, and ends with 0', async () => {
    const gateway = await start();
    expect(gateway.output().match(/^postern is ready: .*$/gm)).toEqual([
      `postern is ready: nginx on ${door}, operator on ${operator} (2 workers)`,
    ]);
    for (let count = 0; count < 40; count++) expect(await status()).toBe('OK');
    expect(await metric('postern_attempts_total')).toBe(40);
    expect([await metric('postern_workers'), await metric('postern_shared_state{state="shared"}')]).toEqual([2, 2]);
    expect(await report()).toMatchObject({ status: 'ready', workers: { wanted: 2, answering: 2 } });
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(gateway.output()).toContain('all workers have stopped');
  });

  it('limits hold over all of them', async () => {
    const gateway = await start();
    const said: string[] = [];
    for (let count = 0; count < 30; count++) said.push(await status(`wrong ${count}`));
    expect(said.filter((one) => /AUTHENTICATIONFAILED/.test(one))).toHaveLength(20);
    expect(said.filter((one) => /LIMIT/.test(one))).toHaveLength(10);
    await gateway.stop();
  });

  it('survives the death of a worker: logins go on, counters stay, another one comes', async () => {
    const gateway = await start();
    for (let count = 0; count < 20; count++) await status(`wrong ${count}`);
    const [victim = 0] = children(gateway);
    process.kill(victim, 'SIGKILL');
    for (let count = 0; count < 20; count++) expect(await status('sesame')).toMatch(/LIMIT/);
    await gateway.untilOutput(/"msg":"a worker took its place"/);
    expect(gateway.output()).toMatch(/"signal":"SIGKILL".*another one takes its place/);
    expect(pidsOf(gateway)).toContain(victim);
    await until(async () => (await report()).workers.answering === 2);
    expect(await metric('postern_worker_restarts_total')).toBe(1);
    expect(await status('sesame')).toMatch(/LIMIT/);
    expect((await gateway.stop()).code).toBe(0);
  });

  it('reloads all of them, and none of them when the new config is wrong', async () => {
    const gateway = await start();
    await gateway.reload(config({ plugins: [{ use: 'nothing' }] }), /"msg":"not reloaded[^\n]*/);
    expect(await status()).toBe('OK');
    const closed = smallConfig({
      plugins: [{ use: 'static', with: { users: { 'ben@example.org': '{PLAIN}sesame' } } }, (smallConfig()['plugins'] as unknown[])[1]],
    });
    await gateway.reload({ ...config(), plugins: closed['plugins'] }, /"workers":2,"msg":"all workers reloaded"/);
    for (let count = 0; count < 20; count++) expect(await status()).toMatch(/AUTHENTICATIONFAILED/);
    await gateway.stop();
  });

  it.each([
    ['broken', 'plugins: [{ use: nothing }]'],
    ['half written', 'plugins: ['],
    ['another one that nobody has checked', JSON.stringify({ ...smallConfig(), plugins: [{ use: 'static', with: { users: {} } }] })],
  ])('replaces those that die with the config that was checked last, while the one on the disk is %s', async (_, text) => {
    const gateway = await start();
    await gateway.reload(config({ log: { level: 'debug' } }), /"workers":2,"msg":"all workers reloaded"/);
    await room.write('gateway/postern.yaml', text);
    const old = children(gateway);
    for (const victim of old) process.kill(victim, 'SIGKILL');
    await until(async () => children(gateway).length === 2 && (await report().catch(() => undefined))?.workers.answering === 2);
    expect(children(gateway).filter((pid) => old.includes(pid))).toEqual([]);
    for (let count = 0; count < 10; count++) expect(await status()).toBe('OK');
    expect((await gateway.stop()).code).toBe(0);
  });

  it('says why none can take the place of one that dies where a file beside the config is gone, and goes on when it is back', async () => {
    const gateway = await start();
    const [victim = 0] = children(gateway);
    await rename(room.path('gateway', 'limit.mjs'), room.path('gateway', 'gone.mjs'));
    process.kill(victim, 'SIGKILL');
    await gateway.untilOutput(/"answering":1,.*"msg":"no worker can take its place/);
    expect(gateway.output()).toMatch(/postern\.yaml:\d+:\d+ {2}error[^]*limit\.mjs/);
    for (let count = 0; count < 10; count++) expect(await status()).toBe('OK');
    await rename(room.path('gateway', 'gone.mjs'), room.path('gateway', 'limit.mjs'));
    await gateway.untilOutput(/"msg":"a worker took its place"/);
    await until(async () => (await report()).workers.answering === 2);
    expect((await gateway.stop()).code).toBe(0);
  });

  it('answers what is in flight when it is told to end', async () => {
    const { plugins, ...rest } = config();
    const slow = [{ use: './limit.mjs', with: { tries: 20, waitMs: 2000 } }, ...plugins.slice(1)];
    const gateway = await start({ ...rest, plugins: slow });
    const asked = Array.from({ length: 8 }, () => status());
    await until(async () => (await metric('postern_in_flight')) === 8);
    const ended = gateway.stop();
    expect(await Promise.all(asked)).toEqual(asked.map(() => 'OK'));
    expect((await ended).code).toBe(0);
  });

  it('share a unix socket that is never wider than asked for, and take one left over by a gateway that died', async () => {
    const path = room.path('gateway', 'auth.sock');
    const gateway = await start({ listen: `unix:${path}` });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    for (let count = 0; count < 10; count++) expect(await status('sesame', `unix:${path}`)).toBe('OK');
    gateway.signal('SIGKILL');
    await gateway.ended;
    await gateway.start();
    expect(await status('sesame', `unix:${path}`)).toBe('OK');
    await gateway.stop();
    expect(() => statSync(path)).toThrow('ENOENT');
  });

  it('ends with 2 and says it once when it cannot start', async () => {
    const first = await start();
    await room.write('second/limit.mjs', limitingPolicy);
    await expect(
      Gateway.start(room, { script, config: config({ operator: { listen: `127.0.0.1:${await freePort()}` } }), name: 'second' }),
    ).rejects.toThrow(/cannot listen on/);
    await first.stop();
  });

  it('ends with 2 also when only a worker finds out why it cannot start', async () => {
    // A file that may be opened and cannot be read: no check sees that.
    const redis = { url: `redis://127.0.0.1:${await freePort()}`, tls: { ca: '/proc/self/mem' } };
    await expect(start({ redis })).rejects.toThrow(/before it ended[^]*EIO/);
  });

  it('goes on when something throws in the process that looks after them', async () => {
    // What a worker that is out of its mind may send.
    await room.write(
      'gateway/mad.mjs',
      `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
      export const plugin = { apiVersion: 1, role: 'policy', use: 'mad', config: z.strictObject({}),
        create: () => ({ around: (next) => (attempt, signal) => {
          for (const subject of ['ready', '__proto__', 'constructor', 'publish', 'state'])
            for (const kind of ['tell', 'ask', 'answer', 'nothing']) process.send({ kind, id: 1e9, subject, body: { toString: null } });
          return next(attempt, signal);
        } }) };`,
    );
    const { plugins, ...rest } = config();
    const gateway = await start({ ...rest, plugins: [{ use: './mad.mjs' }, ...plugins] });
    for (let count = 0; count < 10; count++) expect(await status()).toBe('OK');
    await until(async () => (await report()).workers.answering === 2);
    expect(await metric('postern_worker_restarts_total')).toBe(0);
    expect((await gateway.stop()).code).toBe(0);
  });
});
