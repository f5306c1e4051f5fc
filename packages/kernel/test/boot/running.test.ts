import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, type ConfigFailure, type Generation } from '@postern/kernel';
import { settle } from './support/fake-clock.js';
import { LifeRoom, plainConfig, rawAttempt } from './support/life-room.js';

const never = (): Promise<never> => new Promise(() => undefined);
const other = plainConfig.replace('- use: store', '- { use: store, as: staff }');

describe('a running gateway', () => {
  let life: LifeRoom;

  beforeEach(async () => {
    life = await LifeRoom.open();
  });
  afterEach(() => life.close());

  it('does not start on a config with errors, and tells them together with the warnings', async () => {
    const failure = (await life
      .running('nginks: 1\nplugins: [{ use: store }, { use: table }]')
      .catch((error: unknown) => error)) as ConfigFailure;
    expect(failure.problems.map(({ code }) => code)).toEqual(['unknown-key', 'no-key', 'tls-not-required']);
    expect(life.happened()).toEqual([]);
  });

  it('does not start when an instance cannot be made, and tells the warnings too', async () => {
    life.script.create = (name) => {
      if (name === 'store') throw new Error('no');
    };
    const failure = (await life.running().catch((error: unknown) => error)) as ConfigFailure;
    expect(failure.problems.map(({ code }) => code)).toEqual(['create-failed', 'no-key', 'tls-not-required']);
  });

  it('starts although a store is down, and says so', async () => {
    life.script.start = (name) => (name === 'store' ? Promise.reject(new Error('away')) : Promise.resolve());
    const running = await life.running();
    expect((await running.health()).status).toBe('down');
    expect(running.warnings.map(({ code }) => code)).toEqual(['no-key', 'tls-not-required']);
    await running.stop();
  });

  it('reloads: the next is made and started before the old one is stopped', async () => {
    const swaps: (readonly [Generation, Generation | undefined])[] = [];
    const running = await life.running(plainConfig, { onSwap: (current, before) => void swaps.push([current, before]) });
    const old = running.current;
    life.happened();
    await life.room.write('postern.yaml', other);
    const result = await running.reload();
    expect(result).toMatchObject({ kind: 'reloaded', abandoned: 0, stopFailures: [] });
    expect(life.happened()).toEqual([
      ...['create policy', 'create staff', 'create router'],
      ...['start policy', 'start staff', 'start router'],
      ...['stop router', 'stop store', 'stop policy'],
    ]);
    expect(running.current).not.toBe(old);
    expect(swaps).toEqual([
      [old, undefined],
      [running.current, old],
    ]);
    await running.stop();
  });

  it.each([
    ['is no YAML', 'a: "', 'yaml-syntax'],
    ['has errors', plainConfig.replace('use: store', 'use: stoer'), 'plugin-unresolvable'],
    ['is empty', '', 'no-store'],
  ])('keeps serving with the old config when the new file %s', async (_, yaml, code) => {
    const running = await life.running();
    const old = running.current;
    life.happened();
    await life.room.write('postern.yaml', yaml);
    const result = await running.reload();
    expect(result.kind).toBe('kept');
    expect(result.problems.map((problem) => problem.code)).toContain(code);
    expect(life.happened()).toEqual([]);
    expect(running.current).toBe(old);
    expect((await running.answer(rawAttempt())).answer.kind).toBe('placed');
    await running.stop();
  });

  it('starts and reloads with a text that it is handed, whatever lies on the disk; problems keep the file and its lines', async () => {
    let text = plainConfig;
    const running = await life.running('listen: [', { text: () => text });
    expect(running.current.config.file).toBe(life.room.file);
    text = other;
    expect((await running.reload()).kind).toBe('reloaded');
    text = `nginks: 1\n${plainConfig}`;
    const [problem] = (await running.reload()).problems;
    expect([problem?.code, problem?.file, problem?.line]).toEqual(['unknown-key', life.room.file, 1]);
    await running.stop();
  });

  it('keeps serving when the file is gone', async () => {
    const running = await life.running();
    await life.close();
    expect((await running.reload()).problems.map(({ code }) => code)).toEqual(['config-unreadable']);
    await running.stop();
  });

  it('keeps serving when an instance of the new config cannot be made', async () => {
    const running = await life.running();
    life.script.create = (name) => {
      if (name === 'staff') throw new Error('no');
    };
    await life.room.write('postern.yaml', other);
    expect((await running.reload()).problems.map(({ code }) => code)).toContain('create-failed');
    expect((await running.answer(rawAttempt())).answer.kind).toBe('placed');
    await running.stop();
  });

  it('keeps serving when an instance that works now does not start any more, and stops what was started', async () => {
    const running = await life.running();
    life.happened();
    life.script.start = (name) => (name === 'store' ? Promise.reject(new Error('the new file is broken')) : Promise.resolve());
    const result = await running.reload();
    expect(result.kind).toBe('kept');
    expect(result.problems[0]).toMatchObject({ code: 'start-failed', line: 6, message: expect.stringContaining('the new file is broken') });
    expect(life.happened().slice(-3)).toEqual(['stop router', 'stop store', 'stop policy']);
    life.script.start = () => Promise.resolve();
    expect((await running.reload()).kind).toBe('reloaded');
    await running.stop();
  });

  it('keeps serving when a start of the new config hangs', async () => {
    const running = await life.running();
    life.script.start = (name) => (name === 'staff' ? never() : Promise.resolve());
    await life.room.write('postern.yaml', other);
    const reloaded = running.reload();
    await stepUntil(life, () => life.script.calls.includes('start staff'));
    await life.clock.step(5000);
    expect((await running.answer(rawAttempt())).answer.kind).toBe('placed');
    await life.clock.step(62_000);
    expect((await reloaded).problems.map(({ code }) => code)).toContain('start-failed');
    await running.stop();
  });

  it('takes a new config although a store stays down that was down before', async () => {
    life.script.start = (name) => (name === 'store' ? Promise.reject(new Error('away')) : Promise.resolve());
    const running = await life.running();
    expect((await running.reload()).kind).toBe('reloaded');
    await running.stop();
  });

  it('lets attempts of the old generation end, and gives those up that do not', async () => {
    const running = await life.running(plainConfig, { drainMs: 2000 });
    const { verify } = life.script;
    let accept: () => void = () => undefined;
    life.script.verify = (user) =>
      new Promise((resolve) => (accept = () => resolve({ kind: 'accepted', account: { user, attributes: {} } })));
    const [first, second] = [running.answer(rawAttempt()), running.answer(rawAttempt('berta@example.org'))];
    await settle();
    life.script.verify = verify;
    const old = running.current;
    const reloaded = running.reload();
    await stepUntil(life, () => running.current !== old);
    expect((await running.answer(rawAttempt())).answer.kind).toBe('placed');
    expect(life.script.calls).not.toContain('stop store');
    accept();
    expect((await second).answer.kind).toBe('placed');
    await life.clock.step(2000);
    expect(await reloaded).toMatchObject({ kind: 'reloaded', abandoned: 1 });
    await life.clock.step(5000);
    expect((await first).answer).toMatchObject({ denial: 'deferred' });
    await running.stop();
  });

  it('makes of many reloads at once the one under way and one more', async () => {
    const running = await life.running();
    life.happened();
    const results = await Promise.all([running.reload(), running.reload(), running.reload(), running.reload()]);
    expect(results.every(({ kind }) => kind === 'reloaded')).toBe(true);
    expect(life.happened().filter((call) => call === 'create store')).toHaveLength(2);
    await running.stop();
  });

  it('tells of doors that need a restart when nobody moves them', async () => {
    const running = await life.running();
    await life.room.write('postern.yaml', `listen: 127.0.0.1:1143\noperator: {}\n${plainConfig}`);
    const result = await running.reload();
    expect(result.problems.filter(({ code }) => code === 'restart-needed').map(({ path }) => path.join('.'))).toEqual([
      'listen',
      'operator.listen',
    ]);
    await running.stop();
  });

  it('lets the app move its doors before the swap, and call the reload off', async () => {
    const asked: (readonly [string, string])[] = [];
    let problems: readonly ConfigError[] = [new ConfigError('door-failed', { path: ['listen'] }, 'in use')];
    const running = await life.running(plainConfig, {
      rebind: (before, after) => {
        asked.push([JSON.stringify(before.core.listen), JSON.stringify(after.core.listen)]);
        return Promise.resolve(problems);
      },
    });
    const old = running.current;
    await life.room.write('postern.yaml', `listen: 127.0.0.1:1143\n${plainConfig}`);
    expect(await running.reload()).toMatchObject({ kind: 'kept', problems: expect.arrayContaining([...problems]) });
    expect(running.current).toBe(old);
    problems = [];
    expect((await running.reload()).kind).toBe('reloaded');
    expect(asked[0]?.[1]).toContain('1143');
    await running.stop();
  });

  it('does not move doors for a config whose instances do not start, and survives a rebind that throws', async () => {
    let rebound = 0;
    const running = await life.running(plainConfig, {
      rebind: () => {
        rebound++;
        throw new Error('a bug in the app');
      },
    });
    life.script.start = () => Promise.reject(new Error('no'));
    expect((await running.reload()).kind).toBe('kept');
    expect(rebound).toBe(0);
    life.script.start = () => Promise.resolve();
    const result = await running.reload();
    expect([result.kind, result.problems[0]?.message]).toEqual(['kept', 'the reload failed: Error: a bug in the app']);
    expect((await running.answer(rawAttempt())).answer.kind).toBe('placed');
    await running.stop();
  });

  it('reads the environment anew', async () => {
    life.room.env = { KEY: 'first' };
    const running = await life.running(`nginx: { key: { env: KEY } }\n${plainConfig}`);
    life.room.env = { KEY: 'second' };
    await running.reload();
    expect(running.current.config.core.nginx.key?.[0]?.reveal()).toBe('second');
    await running.stop();
  });

  it('rule 69: drains before it stops, once', async () => {
    let accept: () => void = () => undefined;
    life.script.verify = (user) =>
      new Promise((resolve) => (accept = () => resolve({ kind: 'accepted', account: { user, attributes: {} } })));
    const running = await life.running();
    const answered = running.answer(rawAttempt());
    await settle();
    const stopped = running.stop();
    await settle();
    expect(life.happened()).not.toContain('stop store');
    accept();
    expect((await answered).answer.kind).toBe('placed');
    expect(await stopped).toEqual({ abandoned: 0, stopFailures: [] });
    expect(await running.stop()).toEqual({ abandoned: 0, stopFailures: [] });
    expect(life.happened().filter((call) => call === 'stop store')).toHaveLength(1);
  });

  it('calls a reload off that is under way when it is stopped, and reloads no more', async () => {
    const running = await life.running();
    let proceed: () => void = () => undefined;
    life.script.start = (name) => (name === 'staff' ? new Promise((resolve) => (proceed = resolve)) : Promise.resolve());
    await life.room.write('postern.yaml', other);
    const reloaded = running.reload();
    await stepUntil(life, () => life.script.calls.includes('start staff'));
    const stopped = running.stop();
    proceed();
    expect((await reloaded).kind).toBe('kept');
    await stopped;
    const calls = life.happened();
    for (const name of ['staff', 'store']) expect(calls).toContain(`stop ${name}`);
    expect((await running.reload()).kind).toBe('kept');
    expect(life.happened()).toEqual([]);
  });

  it('waits for no instance of the next config that hangs in its start when it is stopped', async () => {
    const running = await life.running();
    life.script.start = (name) => (name === 'staff' ? never() : Promise.resolve());
    await life.room.write('postern.yaml', other);
    const reloaded = running.reload();
    await stepUntil(life, () => life.script.calls.includes('start staff'));
    let ended = false;
    const stopped = running.stop().finally(() => (ended = true));
    await settle();
    // What a start that was called off gets to notice it.
    await life.clock.step(1000);
    await stepUntil(life, () => ended);
    await stopped;
    expect((await reloaded).kind).toBe('kept');
    const calls = life.happened();
    for (const name of ['staff', 'store']) expect(calls).toContain(`stop ${name}`);
  });
});

/** Lets real work (the file is read) and the clock's zero steps go on until something is so. */
const stepUntil = async (life: LifeRoom, isSo: () => boolean): Promise<void> => {
  while (!isSo()) await life.clock.step(0);
};
