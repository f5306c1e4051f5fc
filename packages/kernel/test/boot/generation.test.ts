import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigFailure, problemText } from '@postern/kernel';
import { settle } from './support/fake-clock.js';
import { LifeRoom, rawAttempt } from './support/life-room.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('a generation', () => {
  let life: LifeRoom;

  beforeEach(async () => {
    life = await LifeRoom.open();
  });
  afterEach(() => life.close());

  it('makes its instances in order, starts them in order and stops them in reverse', async () => {
    const generation = await life.generation();
    expect(life.happened()).toEqual(['create policy', 'create store', 'create router']);
    await generation.start();
    expect(life.happened()).toEqual(['start policy', 'start store', 'start router']);
    expect(await generation.stop()).toEqual([]);
    expect(life.happened()).toEqual(['stop router', 'stop store', 'stop policy']);
  });

  it('stops each instance once, however often it is told', async () => {
    const generation = await life.generation();
    await generation.start();
    await Promise.all([generation.stop(), generation.stop()]);
    await generation.stop();
    expect(life.happened().filter((call) => call === 'stop store')).toHaveLength(1);
  });

  it('opens nothing before it is started, and then has nothing to stop', async () => {
    const generation = await life.generation();
    await generation.stop();
    expect(life.happened().filter((call) => !call.startsWith('create'))).toEqual([]);
  });

  it('makes no instance of a store that is switched off', async () => {
    await life.generation('plugins:\n  - use: store\n  - { use: store, as: old, mode: off }\n  - use: table');
    expect(life.happened()).toEqual(['create store', 'create table']);
  });

  it('keeps away from a store that keeps failing, and says so', async () => {
    const limits = '{ breaker: { after: 2, for: 10s } }';
    const generation = await life.generation(
      `plugins:\n  - { use: store, limits: ${limits} }\n  - { use: router, with: { over: [a] } }\nbackends: { a: { host: 10.0.0.1 } }\nhealth: off`,
    );
    life.script.verify = () => Promise.reject(new Error('no route to host'));
    await generation.start();
    for (const user of ['anna', 'ben']) await generation.answer(rawAttempt(`${user}@example.org`));
    expect(generation.stores).toEqual([
      { name: 'store', circuit: 'open', asking: 0, waiting: 0, note: expect.stringContaining('no route to host') },
    ]);
    expect(await generation.health()).toMatchObject({
      status: 'degraded',
      instances: { store: { status: 'degraded', note: generation.stores[0]?.note } },
    });
    life.script.verify = (user) => Promise.resolve({ kind: 'accepted', account: { user, attributes: {} } });
    await life.clock.step(10_000);
    expect((await generation.answer(rawAttempt())).verdict.kind).toBe('accepted');
    expect((await generation.health()).status).toBe('ready');
    await generation.stop();
  });

  it.each([
    ['backend-router', '{ locate: () => new Promise(() => {}) }'],
    ['policy', '{ around: () => () => new Promise(() => {}) }'],
  ])('cuts off a %s that hangs, by the limits of its entry, and goes on with the others', async (role, made) => {
    const config = '{ safeParse: (data) => ({ success: true, data }), safeParseAsync: async (data) => ({ success: true, data }) }';
    const plugin = `{ apiVersion: 1, role: '${role}', use: 'x', config: ${config}, create: () => (${made}) }`;
    await life.room.write('mine.mjs', `export const plugin = ${plugin};`);
    const mine = '{ use: ./mine.mjs, as: mine, when: { domain: slow.org }, limits: { timeout: 100ms, concurrency: 1, queue: 0 } }';
    const generation = await life.generation(
      `plugins: [${mine}, { use: store }, { use: router, with: { over: [a] } }]\nbackends: { a: { host: 10.0.0.1 } }\nhealth: off`,
    );
    await generation.start();
    const hanging = generation.answer(rawAttempt('anna@slow.org'));
    await life.clock.step(0);
    const turnedAway = await generation.answer(rawAttempt('ben@slow.org'));
    expect(turnedAway.steps.find(({ instance }) => instance === 'mine')?.detail).toContain('mine has too many logins');
    expect((await generation.answer(rawAttempt('cleo@example.org'))).placement?.backend).toBe('a');
    await life.clock.step(101);
    expect((await hanging).steps.find(({ instance }) => instance === 'mine')).toMatchObject({ outcome: 'deferred' });
    expect((await hanging).tookMs).toBeLessThan(1000);
    await generation.stop();
  });

  it('hands every instance its own name and the backends', async () => {
    await life.generation();
    expect(life.script.services.map(({ name, backends }) => [name, backends.list().map((backend) => backend.name)])).toEqual([
      ['store', ['mail-a', 'mail-b']],
    ]);
  });

  it('tells a store where its routers would place somebody, once all are made', async () => {
    const signal = new AbortController().signal;
    const attempt = { ...rawAttempt(), id: 'one', user: 'anna@example.org' };
    const asked: Promise<unknown>[] = [];
    life.script.create = (name) => {
      const routes = life.script.services[0]?.routes;
      if (name === 'router') asked.push(routes?.whereTo({ user: attempt.user, attributes: {} }, attempt, 'pop3', signal) ?? never());
    };
    await life.generation();
    const where = life.script.services[0]?.routes.whereTo({ user: attempt.user, attributes: {} }, attempt, 'pop3', signal);
    expect(await where).toEqual({ kind: 'found', backend: 'mail-a', host: '10.0.0.11', address: '10.0.0.11', port: 110 });
    expect(await asked[0]).toMatchObject({ kind: 'deferred', cause: { message: 'the routers are not made yet' } });
  });

  it('does not come to be when a create throws, and names every instance, its place and no secret', async () => {
    life.script.create = (name) => {
      throw new Error(`cannot make ${name} with canary-Sw0rdfish`);
    };
    const yaml = `plugins:\n  - { use: store, as: staff, with: { bind: { dn: x, password: canary-Sw0rdfish } } }\n  - use: table`;
    const failure: unknown = await life.generation(yaml).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigFailure);
    const { problems, message } = failure as ConfigFailure;
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ['create-failed', 2],
      ['create-failed', 3],
    ]);
    expect(problems[0]?.message).toContain('create of the instance "staff" threw');
    expect(message + problems.map((problem) => problemText(problem)).join('')).not.toContain('Sw0rdfish');
  });

  it.each([
    ['nothing', 'undefined', 'create gave nothing'],
    ['a promise', 'Promise.resolve({})', 'must not be asynchronous'],
    ['a store without verify', '{ abilities: { mechanisms: [], knowsUsers: true } }', 'it has no verify'],
    ['a store without abilities', '{ verify() {} }', 'it declares no abilities'],
    ['a store whose abilities are half', '{ verify() {}, abilities: { mechanisms: [] } }', 'knowsUsers'],
    ['a start that is no function', '{ verify() {}, start: 5, abilities: { mechanisms: [], knowsUsers: true } }', 'start is no function'],
  ])('does not come to be when a create gives %s', async (_, made, why) => {
    const config = '{ safeParse: (data) => ({ success: true, data }), safeParseAsync: async (data) => ({ success: true, data }) }';
    await life.room.write(
      'mine.mjs',
      `export const plugin = { apiVersion: 1, role: 'credential-store', use: 'x', config: ${config}, create: () => (${made}) };`,
    );
    await expect(life.generation('plugins: [{ use: ./mine.mjs, as: mine }, { use: table }]')).rejects.toThrow(why);
  });

  it('lives on when a start fails: the instance is down and is tried again, later and later', async () => {
    let failures = 3;
    life.script.start = (name) => (name === 'store' && failures-- > 0 ? Promise.reject(new Error('directory is away')) : Promise.resolve());
    const generation = await life.generation();
    await generation.start();
    expect(life.happened().filter((call) => call.startsWith('start'))).toEqual(['start policy', 'start store', 'start router']);
    expect((await generation.health()).instances['store']).toEqual({ status: 'down', note: 'Error: directory is away' });
    await life.clock.step(999);
    expect(life.happened()).toEqual([]);
    await life.clock.step(1);
    expect(life.happened()).toEqual(['start store']);
    await life.clock.step(1999);
    expect(life.happened()).toEqual([]);
    await life.clock.step(1);
    expect(life.happened()).toEqual(['start store']);
    await life.clock.step(4000);
    expect((await generation.health()).instances['store']).toEqual({ status: 'up' });
    await life.clock.step(60_000);
    expect(life.happened()).toEqual(['start store']);
    await generation.stop();
  });

  it('tries a start that goes on failing every 30 seconds', async () => {
    life.script.start = (name) => (name === 'store' ? Promise.reject(new Error('no')) : Promise.resolve());
    const generation = await life.generation();
    await generation.start();
    await life.clock.step(61_000);
    life.happened();
    await life.clock.step(300_000);
    expect(life.happened()).toHaveLength(10);
    await generation.stop();
    await life.clock.step(60_000);
    expect(life.happened()).toEqual(['stop router', 'stop store', 'stop policy']);
    expect(life.clock.pending).toBe(0);
  });

  it('is not held up by a start that hangs, calls it off in the end, and tries it again', async () => {
    const signals: AbortSignal[] = [];
    life.script.start = (name, signal) => {
      if (name !== 'policy' || signals.push(signal) > 1) return Promise.resolve();
      return never();
    };
    const generation = await life.generation();
    const started = generation.start();
    await life.clock.step(4999);
    expect(life.happened()).not.toContain('start store');
    await life.clock.step(1);
    await started;
    expect(life.happened()).toEqual(['start store', 'start router']);
    expect((await generation.health()).instances['policy']).toEqual({ status: 'down', note: 'still starting' });
    await life.clock.step(55_000);
    expect(signals[0]?.aborted).toBe(true);
    expect((await generation.health()).instances['policy']?.note).toContain('did not end');
    await life.clock.step(1000);
    expect((await generation.health()).instances['policy']).toEqual({ status: 'up' });
    await generation.stop();
  });

  it('takes a start that throws, and one that fails after it was given up, as failures', async () => {
    let reject: (error: Error) => void = () => undefined;
    life.script.start = (name) => {
      if (name === 'policy') throw new Error('at once');
      return name === 'store' ? new Promise((_, no) => (reject = no)) : Promise.resolve();
    };
    const generation = await life.generation();
    const started = generation.start();
    await life.clock.step(5000);
    await started;
    await life.clock.step(60_000);
    reject(new Error('too late to matter'));
    await settle();
    expect((await generation.health()).instances).toMatchObject({
      policy: { status: 'down' },
      store: { status: 'down' },
      router: { status: 'up' },
    });
    await generation.stop();
  });

  it('stops an instance whose start failed or hangs, after calling the start off', async () => {
    let signal: AbortSignal | undefined;
    life.script.start = (name, given) => {
      if (name === 'policy') return Promise.reject(new Error('no'));
      if (name !== 'store') return Promise.resolve();
      signal = given;
      return new Promise((_, reject) => given.addEventListener('abort', () => reject(new Error('called off'))));
    };
    const generation = await life.generation();
    const started = generation.start();
    await life.clock.step(5000);
    await started;
    life.happened();
    expect(await generation.stop()).toEqual([]);
    expect(signal?.aborted).toBe(true);
    expect(life.happened()).toEqual(['stop router', 'stop store', 'stop policy']);
  });

  it('keeps every failure of a stop, and leaves nobody unstopped for one that hangs', async () => {
    const signals: AbortSignal[] = [];
    life.script.stop = (name, signal) => {
      signals.push(signal);
      if (name === 'store') return never();
      return Promise.reject(new Error(`${name} broke`));
    };
    const generation = await life.generation();
    await generation.start();
    const stopped = generation.stop();
    await life.clock.step(10_000);
    const failures = await stopped;
    expect(failures.map(({ instance, error }) => `${instance}: ${(error as Error).message}`)).toEqual([
      'router: router broke',
      expect.stringMatching(/^store: no answer within \d+ ms$/),
      'policy: policy broke',
    ]);
    expect(signals[1]?.aborted).toBe(true);
  });

  it('asks for health at most once at a time and keeps the answer for a moment', async () => {
    let asked = 0;
    life.script.health = () => {
      asked++;
      return Promise.resolve({ status: 'degraded', note: `asked ${asked}` });
    };
    const generation = await life.generation();
    await generation.start();
    await Promise.all([generation.health(), generation.health()]);
    expect((await generation.health()).instances['store']).toEqual({ status: 'degraded', note: 'asked 2' });
    await life.clock.step(1000);
    await generation.health();
    expect(asked).toBe(6);
    await generation.stop();
  });

  it.each([
    ['hangs', never, 'its health check did not end in time'],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'its health check failed: Error: broken',
    ],
    ['gives nonsense', () => Promise.resolve({ status: 'fine' }), 'its health check failed: Error: it gave an unknown status'],
  ] as const)('calls an instance degraded whose health check %s', async (_, health, note) => {
    life.script.health = health as never;
    const generation = await life.generation();
    await generation.start();
    const readiness = generation.health();
    await life.clock.step(2000);
    expect((await readiness).instances['store']).toEqual({ status: 'degraded', note });
    await generation.stop();
  });

  it('tells no secret in notes and logs', async () => {
    life.script.start = () => Promise.reject(new Error('login with canary-Sw0rdfish failed'));
    const generation = await life.generation(
      'plugins: [{ use: store, with: { bind: { dn: x, password: canary-Sw0rdfish } } }, { use: table }]',
    );
    await generation.start();
    expect(JSON.stringify(await generation.health())).toContain('login with [secret] failed');
    expect(life.log.text).not.toContain('Sw0rdfish');
    await generation.stop();
  });

  it('warns of client certificates and recipients that no store could look up', async () => {
    const yaml =
      'identity: { certificateUser: email }\nnginx: { none: { domains: [x.org], knownRecipients: true } }\nplugins: [{ use: blind }, { use: table }]';
    const generation = await life.generation(yaml);
    expect(generation.warnings.map(({ code }) => code)).toEqual(['external-unmapped', 'recipients-unknown']);
    expect((await life.generation(yaml.replace('blind', 'store'))).warnings).toEqual([]);
  });

  it('answers and places a login', async () => {
    const generation = await life.generation();
    await generation.start();
    const { answer, placement } = await generation.answer(rawAttempt());
    expect([answer.kind, placement?.backend]).toEqual(['placed', 'mail-a']);
    await generation.stop();
  });

  it('rule 56: answers within the deadline although a store hangs', async () => {
    life.script.verify = never;
    const generation = await life.generation();
    await generation.start();
    const answered = generation.answer(rawAttempt());
    await life.clock.step(5000);
    expect((await answered).answer).toMatchObject({ kind: 'denied', denial: 'deferred' });
    expect(generation.inFlight).toBe(0);
    await generation.stop();
  });

  it('rule 57: defers while a store that did not start throws', async () => {
    life.script.start = () => Promise.reject(new Error('directory is away'));
    life.script.verify = () => Promise.reject(new Error('not connected'));
    const generation = await life.generation();
    await generation.start();
    expect((await generation.answer(rawAttempt())).answer).toMatchObject({ kind: 'denied', denial: 'deferred' });
    await generation.stop();
  });

  it('rule 58: defers when a store throws in place of rejecting, and goes on serving', async () => {
    const { verify } = life.script;
    life.script.verify = () => {
      throw new Error('a bug');
    };
    const generation = await life.generation();
    await generation.start();
    expect((await generation.answer(rawAttempt())).answer).toMatchObject({ denial: 'deferred' });
    life.script.verify = verify;
    expect((await generation.answer(rawAttempt())).answer.kind).toBe('placed');
    await generation.stop();
  });

  it('rule 69: waits for the attempts that are being answered, at most as long as it is told', async () => {
    let accept: () => void = () => undefined;
    life.script.verify = (user) =>
      new Promise((resolve) => (accept = () => resolve({ kind: 'accepted', account: { user, attributes: {} } })));
    const generation = await life.generation();
    await generation.start();
    const answered = generation.answer(rawAttempt());
    await settle();
    const impatient = generation.drain(1000);
    await life.clock.step(1000);
    expect(await impatient).toBe(1);
    const patient = generation.drain(3000);
    accept();
    expect(await patient).toBe(0);
    expect((await answered).answer.kind).toBe('placed');
    await generation.stop();
  });
});
