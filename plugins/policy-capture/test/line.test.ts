import { describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import fc from 'fast-check';
import { Line, type Errand, type LineRules } from '../src/line.js';

const never = new AbortController().signal;

const open = (rules: Partial<LineRules> = {}) => {
  const clock = new SteppableClock();
  const log = new CapturedLog();
  const depths: number[] = [];
  const line = new Line({
    clock,
    log,
    rules: { perSecond: 10, atOnce: 1, waiting: 3, ...rules },
    waiting: (errands) => depths.push(errands),
  });
  line.start();
  const began: { readonly name: string; readonly at: number }[] = [];
  const dropped: string[] = [];
  const errand = (user: string, order = 0, run: Errand['run'] = () => Promise.resolve()): Errand => ({
    user,
    order,
    run: (signal) => {
      began.push({ name: `${user} ${order}`, at: clock.monotonic() });
      return run(signal);
    },
    dropped: () => dropped.push(`${user} ${order}`),
  });
  return { clock, log, line, depths, began, dropped, errand };
};

describe('a line of errands', () => {
  it('begins so many in a second, in the order of arrival', async () => {
    const { clock, line, began, errand } = open();
    for (const user of ['a', 'b', 'c']) line.put(errand(user));
    await clock.step(250);
    expect(began).toEqual([
      { name: 'a 0', at: 0 },
      { name: 'b 0', at: 100 },
      { name: 'c 0', at: 200 },
    ]);
  });

  it('runs so many at once, and never two of one user', async () => {
    const ends: (() => void)[] = [];
    const { clock, line, began, errand } = open({ atOnce: 2, perSecond: 1000 });
    const slow = (): Promise<void> => new Promise((end) => ends.push(end));
    line.put(errand('a', 0, slow));
    await clock.step(5);
    line.put(errand('a', 1, slow));
    line.put(errand('b', 2, slow));
    line.put(errand('c', 3, slow));
    await clock.step(5);
    expect(began.map(({ name }) => name)).toEqual(['a 0', 'b 2']);
    ends[0]?.();
    await clock.step(5);
    expect(began.map(({ name }) => name)).toEqual(['a 0', 'b 2', 'a 1']);
    for (const end of ends) end();
    await clock.step(5);
    for (const end of ends) end();
  });

  it('keeps the later of two that wait for one user, and drops what finds no room', async () => {
    const { clock, line, began, dropped, errand, depths } = open();
    line.put(errand('x'));
    for (const [user, order] of [
      ['a', 2],
      ['a', 1],
      ['a', 3],
      ['b', 4],
      ['c', 5],
      ['d', 6],
    ] as const)
      line.put(errand(user, order));
    expect(dropped).toEqual(['a 1', 'a 2', 'd 6']);
    await clock.step(1000);
    expect(began.map(({ name }) => name)).toEqual(['x 0', 'a 3', 'b 4', 'c 5']);
    expect([Math.max(...depths), depths.at(-1)]).toEqual([3, 0]);
  });

  it('goes on after an errand that fails, and after one that never ends', async () => {
    const { clock, log, line, began, errand } = open();
    line.put(errand('a', 0, () => Promise.reject(new Error('a bug'))));
    line.put(errand('b', 0, () => new Promise(() => undefined)));
    line.put(errand('c'));
    await clock.step(20_000);
    expect(began.map(({ name }) => name)).toEqual(['a 0', 'b 0', 'c 0']);
    expect(log.lines).toHaveLength(2);
  });

  it('aborts at its end what is under way, drops what waits, and can be started again', async () => {
    const { clock, line, began, dropped, errand } = open();
    let aborted = false;
    line.put(
      errand('a', 0, (signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      }),
    );
    line.put(errand('b'));
    const stopped = line.stop(never);
    await clock.step(2000);
    await stopped;
    expect([aborted, dropped]).toEqual([true, ['b 0']]);
    line.put(errand('c'));
    expect(dropped).toEqual(['b 0', 'c 0']);
    line.start();
    line.put(errand('d'));
    await clock.step(1000);
    expect(began.map(({ name }) => name)).toEqual(['a 0', 'd 0']);
    await line.stop(AbortSignal.abort(new Error('at once')));
  });

  it('runs or drops each errand exactly once, whatever comes', async () => {
    const put = fc.record({ user: fc.constantFrom('a', 'b', 'c', '__proto__'), order: fc.nat(20), after: fc.nat(80) });
    await fc.assert(
      fc.asyncProperty(fc.array(put, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (puts, atOnce) => {
        const { clock, line, began, dropped, errand } = open({ atOnce, waiting: 2 });
        for (const { user, order, after } of puts) {
          line.put(errand(user, order));
          await clock.step(after);
        }
        await clock.step(5000);
        expect([...began.map(({ name }) => name), ...dropped].sort()).toEqual(puts.map(({ user, order }) => `${user} ${order}`).sort());
      }),
      { numRuns: 50 },
    );
  });
});
