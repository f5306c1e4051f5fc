import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Moments, OutOfTime, withinTime } from '../../src/answer/deadline.js';
import { ManualClock, never } from './fakes.js';

describe('moments', () => {
  it('give everybody whose time ends in the same slice the same signal', () => {
    const clock = new ManualClock();
    const moments = new Moments(clock, 100);
    const now = clock.monotonic();
    expect(moments.signalAt(now + 510)).toBe(moments.signalAt(now + 590));
    expect(moments.signalAt(now + 510)).not.toBe(moments.signalAt(now + 610));
    expect(clock.pending).toBe(2);
  });

  it('give a signal that any number of logins may listen to, without a word of Node about leaks', () => {
    const clock = new ManualClock();
    const shared = new Moments(clock, 100).signalAt(clock.monotonic() + 510);
    // `events.getMaxListeners` does not know the test runner's own EventTarget.
    const limit = Object.getOwnPropertySymbols(shared).find(({ description }) => description?.includes('maxEventTargetListeners'));
    expect(limit === undefined ? undefined : Reflect.get(shared, limit)).toBe(0);
  });

  it('give a signal that fires at most one slice early, never late, never before it was asked for, and is then forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 150 }),
        async (ms, slice, lead) => {
          const clock = new ManualClock();
          const moments = new Moments(clock, slice);
          await clock.pass(lead);
          const asked = clock.monotonic();
          const signal = moments.signalAt(asked + ms);
          expect(signal.aborted).toBe(false);
          let fired = -1;
          signal.addEventListener('abort', () => (fired = clock.monotonic()));
          await clock.pass(ms);
          expect(fired).toBeGreaterThan(asked + ms - slice - 1);
          expect(fired).toBeLessThanOrEqual(asked + ms);
          expect(fired).toBeGreaterThan(asked);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('waiting with a limit', () => {
  it('hands on what comes in time', async () => {
    const clock = new ManualClock();
    const late: unknown[] = [];
    expect(await withinTime(Promise.resolve(1), 100, clock, (cause) => late.push(cause))).toBe(1);
    await expect(withinTime(Promise.reject(new Error('no')), 100, clock, (cause) => late.push(cause))).rejects.toThrow('no');
    expect([clock.pending, late]).toEqual([0, []]);
  });

  it('gives up when the time is over', async () => {
    const clock = new ManualClock();
    const waiting = withinTime(never(), 100, clock, () => undefined);
    const failed = expect(waiting).rejects.toBeInstanceOf(OutOfTime);
    await clock.pass(100);
    await failed;
  });

  it('is not held up by a thenable that misbehaves', async () => {
    const clock = new ManualClock();
    const hostile = {
      then: () => {
        throw new Error('boom');
      },
    } as unknown as PromiseLike<void>;
    await expect(withinTime(hostile, 100, clock, () => undefined)).rejects.toThrow('boom');
    expect(clock.pending).toBe(0);
  });
});
