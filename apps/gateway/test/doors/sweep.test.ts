import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import { Sweep, sweepInterval, type Expiring } from '../../src/doors/sweep.js';

const item = (due: number, expired: number[], sweep: Sweep<Expiring>): Expiring => {
  const made: Expiring = {
    due,
    expire: () => {
      expired.push(due);
      sweep.delete(made);
    },
  };
  sweep.add(made);
  return made;
};

describe('a sweep', () => {
  it('expires each thing once its time has passed, never before', async () => {
    const clock = new SteppableClock();
    const sweep = new Sweep(clock, 10);
    const expired: number[] = [];
    for (const due of [35, 12, 100]) item(due, expired, sweep);
    await clock.step(11);
    expect(expired).toEqual([]);
    await clock.step(30);
    expect(expired).toEqual([12, 35]);
    await clock.step(70);
    expect(expired).toEqual([12, 35, 100]);
  });

  it('keeps one timer for all, and none when there is nothing to watch', async () => {
    const clock = new SteppableClock();
    const sweep = new Sweep(clock, 10);
    const made = Array.from({ length: 100 }, () => item(1000, [], sweep));
    expect(clock.pending).toBe(1);
    for (const one of made) sweep.delete(one);
    await clock.step(10);
    expect(clock.pending).toBe(0);
    item(15, [], sweep);
    expect(clock.pending).toBe(1);
  });

  it('looks often enough for any deadline, and not more often than needed', () => {
    expect([20, 100, 5000, 60_000].map(sweepInterval)).toEqual([5, 10, 250, 250]);
  });
});
