import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answers,
  attempt,
  CollectingRunner,
  fakeRouter,
  fakeServices,
  fakeStore,
  garbage,
  hangs,
  hangsUntilAborted,
  places,
  SteppableClock,
  throws,
  throwsAtOnce,
  waits,
} from '../src/index.js';

describe('the steppable clock', () => {
  it('runs timers in order of their time, those set meanwhile included, and none before', async () => {
    const clock = new SteppableClock(1000);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`b at ${clock.now()}`));
    clock.after(10, () => {
      ran.push(`a at ${clock.now()}`);
      clock.after(5, () => ran.push(`c at ${clock.now()}`));
    });
    const off = clock.after(12, () => ran.push('never'));
    off();
    await clock.step(9);
    expect(ran).toEqual([]);
    await clock.step(11);
    expect(ran).toEqual(['a at 1010', 'c at 1015', 'b at 1020']);
    expect([clock.pending, clock.monotonic()]).toEqual([0, 20]);
  });

  it('lets promises settle between two timers', async () => {
    const clock = new SteppableClock();
    const ran: number[] = [];
    const again = (): void => {
      clock.after(10, () => {
        void Promise.resolve().then(() => {
          ran.push(clock.monotonic());
          again();
        });
      });
    };
    again();
    await clock.step(35);
    expect(ran).toEqual([10, 20, 30]);
  });

  it('a jump of the wall clock is not time that passes', async () => {
    const clock = new SteppableClock(0);
    clock.jump(-5000);
    expect([clock.now(), clock.monotonic()]).toEqual([-5000, 0]);
  });
});

describe('shared state in memory', () => {
  it('forgets when the time is over; a counter keeps the expiry of its first count', async () => {
    const { shared, clock } = fakeServices();
    await shared.set('__proto__', 'x', 100);
    expect([await shared.increment('n', 1, 100), await shared.increment('n', 2, 100)]).toEqual([1, 3]);
    await clock.step(99);
    expect([await shared.get('__proto__'), await shared.increment('n', 1, 100)]).toEqual(['x', 4]);
    await clock.step(1);
    expect([await shared.get('__proto__'), await shared.increment('n', 1, 100)]).toEqual([undefined, 1]);
    await shared.delete('n');
    expect(shared.keys).toEqual([]);
  });
});

describe('followed files', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-fakes-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('look again only when told, and keep the last good content', async () => {
    const path = join(directory, 'file');
    const { files, log } = fakeServices();
    const followed = files.follow(path, (content) => {
      const text = Buffer.from(content).toString();
      if (text === 'bad') throw new Error('line 1: bad');
      return text;
    });
    await expect(followed.start()).rejects.toThrow('ENOENT');
    expect(followed.health().status).toBe('down');
    await writeFile(path, 'one');
    await followed.start();
    await writeFile(path, 'two');
    expect(followed.current).toBe('one');
    await files.changed();
    expect(followed.current).toBe('two');
    await writeFile(path, 'bad');
    await files.changed(path);
    expect([followed.current, followed.health()]).toEqual(['two', { status: 'degraded', note: 'line 1: bad' }]);
    expect(log.text()).toContain('line 1: bad');
    await followed.stop();
    await writeFile(path, 'three');
    await files.changed();
    expect([followed.current, files.open]).toEqual(['two', []]);
  });
});

describe('scripted fakes', () => {
  const { signal } = new AbortController();

  it('do what the script says, question by question, and remember what they were asked', async () => {
    const store = fakeStore([answers({ kind: 'rejected' }), throws(new Error('down')), garbage(42)]);
    expect(await store.verify(attempt({ user: 'a' }), signal)).toEqual({ kind: 'rejected' });
    await expect(store.verify(attempt({ user: 'b' }), signal)).rejects.toThrow('down');
    expect(await store.verify(attempt(), signal)).toBe(42);
    expect(await store.verify(attempt(), signal)).toBe(42);
    expect(store.asked.map(({ user }) => user)).toEqual(['a', 'b', 'ann@example.org', 'ann@example.org']);
    expect('lookup' in store).toBe(false);
  });

  it('can hang, end on abort, throw before there is a promise, and answer late', async () => {
    const abort = new AbortController();
    const asked = fakeStore(hangsUntilAborted).verify(attempt(), abort.signal);
    abort.abort(new Error('given up'));
    await expect(asked).rejects.toThrow('given up');
    expect(() => fakeStore(throwsAtOnce()).verify(attempt(), signal)).toThrow('told to throw');
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const late = fakeStore(waits(gate, answers({ kind: 'rejected' }))).verify(attempt(), signal);
    const first = await Promise.race([late, fakeStore(hangs).verify(attempt(), signal), Promise.resolve('nobody yet')]);
    expect(first).toBe('nobody yet');
    open();
    expect(await late).toEqual({ kind: 'rejected' });
  });

  it('lookups and routers have scripts of their own', async () => {
    const store = fakeStore(hangs, { lookup: (user) => answers({ kind: 'found', account: { user, attributes: {} } }) });
    expect(await store.lookup?.('a@x', signal)).toMatchObject({ account: { user: 'a@x' } });
    const router = fakeRouter(places('mail-a', 'mail-b'));
    const routing = await router.locate({ user: 'a', attributes: {} }, attempt(), signal);
    expect(routing).toEqual({
      kind: 'placed',
      backends: [
        { kind: 'named', name: 'mail-a' },
        { kind: 'named', name: 'mail-b' },
      ],
    });
    expect(router.asked).toHaveLength(1);
  });
});

describe('the collecting runner', () => {
  it('runs hooks around the cases of their group and tells what failed, passed and was skipped', async () => {
    const runner = new CollectingRunner();
    const ran: string[] = [];
    runner.describe('outer', () => {
      runner.beforeAll(() => void ran.push('before all'));
      runner.afterAll(() => void ran.push('after all'));
      runner.beforeEach(() => void ran.push('before'));
      runner.afterEach(() => void ran.push('after'));
      runner.it('good', () => void ran.push('good'));
      runner.describe('inner', () => {
        runner.it('bad', () => Promise.reject(new Error('bad')));
      });
      // Not a test left out: what the collecting runner says of one is what this test looks at.
      runner.it.skip('skipped', () => undefined);
    });
    runner.it('outside', () => void ran.push('outside'));
    expect((await runner.run()).map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([
      'outer › good: passed',
      'outer › inner › bad: failed',
      'outer › skipped: skipped',
      'outside: passed',
    ]);
    expect(ran).toEqual(['before all', 'before', 'good', 'after', 'before', 'after', 'after all', 'outside']);
  });
});
