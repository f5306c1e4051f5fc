import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import fc from 'fast-check';
import { Sweep, sweepInterval, type Expiring } from '../../src/doors/sweep.js';

const item = (due: number, expired: number[], sweep: Sweep<Expiring>): Expiring => {
  const made: Expiring = {
    due,
    place: -1,
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

  it('watches the others whichever goes, and whether it goes twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(19)), async (going) => {
        const clock = new SteppableClock();
        const sweep = new Sweep(clock, 10);
        const expired: number[] = [];
        const made = Array.from({ length: 20 }, (_, due) => item(due, expired, sweep));
        for (const due of [...going, ...going]) sweep.delete(made[due]!);
        expect([...sweep].map(({ due }) => due).sort((a, b) => a - b)).toEqual(
          made.map(({ due }) => due).filter((due) => !going.includes(due)),
        );
        expect(sweep.size).toBe(20 - going.length);
        await clock.step(30);
        expect(new Set(expired)).toEqual(new Set(made.map(({ due }) => due).filter((due) => !going.includes(due))));
        expect(sweep.size).toBe(0);
      }),
    );
  });

  it('looks often enough for any deadline, and not more often than needed', () => {
    expect([20, 100, 5000, 60_000].map(sweepInterval)).toEqual([5, 10, 250, 250]);
  });
});
