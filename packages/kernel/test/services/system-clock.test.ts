import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '@postern/kernel';

describe('the system clock', () => {
  afterEach(() => void jest.useRealTimers());

  it('calls once, and not at all when it is called off', () => {
    jest.useFakeTimers();
    const clock = new SystemClock();
    const calls: string[] = [];
    clock.after(10, () => calls.push('kept'));
    clock.after(10, () => calls.push('called off'))();
    jest.advanceTimersByTime(1000);
    expect(calls).toEqual(['kept']);
  });

  it('waits longer than the 25 days that a timer of Node can', () => {
    jest.useFakeTimers();
    const clock = new SystemClock();
    const days = 24 * 3_600_000;
    let called = false;
    const callOff = clock.after(40 * days, () => (called = true));
    jest.advanceTimersByTime(39 * days);
    expect(called).toBe(false);
    jest.advanceTimersByTime(days);
    expect(called).toBe(true);
    callOff();
  });

  it('tells the time, and a moment that never goes back', () => {
    const clock = new SystemClock();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
    expect(clock.monotonic()).toBeLessThanOrEqual(clock.monotonic());
  });
});
