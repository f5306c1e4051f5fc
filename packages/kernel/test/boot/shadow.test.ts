import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerEvent } from '@postern/contract';
import { ConfigFailure, effectiveConfig, explainLogin, explanationText, Generation } from '@postern/kernel';
import { settle } from './support/fake-clock.js';
import { LifeRoom, rawAttempt } from './support/life-room.js';

const config = (shadow: string, more = ''): string => `
health: off
backends: { mail-a: { host: 10.0.0.11 } }
plugins:
  - use: store
  - { use: store, as: new, mode: shadow${shadow} }
  - { use: router, with: { over: [mail-a] } }
${more}`;

describe('a store in the shadow', () => {
  let life: LifeRoom;
  let noted: LedgerEvent[];
  let asked: string[];

  beforeEach(async () => {
    life = await LifeRoom.open();
    noted = [];
    asked = [];
    life.script.verify = (user) => {
      asked.push(user);
      return Promise.resolve({ kind: 'accepted', account: { user, attributes: {} } });
    };
  });
  afterEach(() => life.close());

  const generation = async (yaml: string): Promise<Generation> => {
    const { config: read, problems } = await life.room.read(yaml);
    if (read === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
    const ledger = {
      note: (event: LedgerEvent) => void noted.push(event),
      follow: () => () => undefined,
      find: async () => undefined,
      keep: async () => undefined,
    };
    return Generation.create(read, { ...life.parts, ledger });
  };

  it('is made, started and stopped like the others, and compared after each login', async () => {
    const made = await generation(config(''));
    await made.start();
    expect((await made.answer(rawAttempt())).answer.kind).toBe('placed');
    await settle();
    expect(asked).toHaveLength(2);
    expect(noted).toMatchObject([
      { kind: 'answered', store: 'store', outcome: 'accepted' },
      { kind: 'compared', comparison: { answering: 'store', other: 'new', kind: 'match' } },
    ]);
    expect(made.stores.map(({ name }) => name)).toEqual(['store', 'new']);
    expect(await made.stop()).toEqual([]);
    expect(life.happened().filter((call) => call.endsWith(' new'))).toEqual(['create new', 'start new', 'stop new']);
  });

  it('is asked about those whom its `when` names', async () => {
    const made = await generation(config(', when: { domain: example.net }'));
    await made.start();
    await made.answer(rawAttempt('anna@example.org'));
    await made.answer(rawAttempt('ben@example.net'));
    await settle();
    expect(asked).toEqual(['anna@example.org', 'ben@example.net', 'ben@example.net']);
    await made.stop();
  });

  it('writes nothing down where nobody migrates', async () => {
    const made = await generation(config('').replace('mode: shadow', 'mode: off'));
    await made.start();
    await made.answer(rawAttempt());
    await settle();
    expect(noted).toEqual([]);
    await made.stop();
  });

  it('that is down makes the gateway degraded at most, and never counts as one that can answer', async () => {
    life.script.start = (name) => (name === 'new' ? Promise.reject(new Error('no route')) : Promise.resolve());
    const made = await generation(config(''));
    await made.start();
    await settle();
    expect(await made.health()).toMatchObject({ status: 'degraded', instances: { new: { status: 'down' } } });
    await made.stop();

    life.script.start = (name) => (name === 'store' ? Promise.reject(new Error('no route')) : Promise.resolve());
    const other = await generation(config(''));
    await other.start();
    await settle();
    expect(await other.health()).toMatchObject({ status: 'down', instances: { new: { status: 'up' } } });
    await other.stop();
  });

  it('whose start hangs holds up nobody at boot', async () => {
    life.script.start = (name) => (name === 'new' ? new Promise(() => undefined) : Promise.resolve());
    const made = await generation(config(''));
    await made.start();
    expect(life.happened()).toContain('start router');
    expect((await made.answer(rawAttempt())).answer.kind).toBe('placed');
    const stopping = made.stop();
    await life.clock.step(20_000);
    await stopping;
  });

  it('is shown as one, and explaining a login asks it nothing', async () => {
    const made = await generation(config(', when: { domain: example.org }'));
    await made.start();
    const explanation = await explainLogin(made, { user: 'anna@example.org', password: 'pw' });
    await settle();
    expect(asked).toEqual(['anna@example.org']);
    expect(noted).toEqual([]);
    expect(explanation.instances[1]).toMatchObject({ name: 'new', mode: 'shadow', matched: true });
    expect(explanationText(explanation)).toMatch(/new +store +matches \(shadow: not asked here\)/);
    expect(effectiveConfig(made.config)['plugins']).toMatchObject([{ as: 'store' }, { as: 'new', mode: 'shadow' }, { as: 'router' }]);
    await made.stop();
  });

  it('is not waited for by a drain, and by a stop for a second at most', async () => {
    let calls = 0;
    life.script.verify = (user) =>
      (calls += 1) === 1 ? Promise.resolve({ kind: 'accepted', account: { user, attributes: {} } }) : new Promise(() => undefined);
    const made = await generation(config(''));
    await made.start();
    await made.answer(rawAttempt());
    await settle();
    expect(calls).toBe(2);
    expect(made.inFlight).toBe(0);
    expect(await made.drain(5000)).toBe(0);
    let stopped = false;
    const stopping = made.stop().then(() => (stopped = true));
    await life.clock.step(999);
    expect(stopped).toBe(false);
    await life.clock.step(1);
    await stopping;
  });
});

describe('a policy that asks stores by name', () => {
  let life: LifeRoom;

  beforeEach(async () => {
    life = await LifeRoom.open();
  });
  afterEach(() => life.close());

  it('finds those that answer and those in the shadow; a store finds none', async () => {
    await life.generation(config('', '  - { use: asking, with: { stores: [] } }\n  - { use: store, as: old, mode: off }'));
    const found = life.script.services.map(({ name, stores }) => [
      name,
      ['store', 'new', 'old', 'router'].map((of) => stores.get(of)?.name),
    ]);
    expect(found).toEqual([
      ['store', [undefined, undefined, undefined, undefined]],
      ['new', [undefined, undefined, undefined, undefined]],
      ['asking', ['store', 'new', undefined, undefined]],
    ]);
  });

  it('does not come to be when a store cannot do what is needed of it', async () => {
    const made = life.generation(config('', '  - { use: asking, with: { stores: [store, new] } }'));
    const failure: unknown = await made.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigFailure);
    expect((failure as ConfigFailure).problems.map(({ code, message, path }) => [code, message, path.join('.')])).toEqual([
      ['store-lacks', 'the store "store" has no enroll', 'plugins.3.with.stores.0'],
      ['store-lacks', 'the store "new" has no enroll', 'plugins.3.with.stores.1'],
    ]);
  });
});
