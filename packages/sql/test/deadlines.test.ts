import { describe, expect, it } from '@jest/globals';
import { SteppableClock } from '@postern/testkit';
import { Deadlines } from '../src/deadlines.js';

describe('deadlines', () => {
  it('end each in its own time, in order, and only those that were not called off', async () => {
    const clock = new SteppableClock();
    const deadlines = new Deadlines(100, clock);
    const ended: string[] = [];
    deadlines.begin(() => ended.push('first'));
    await clock.step(30);
    const callOff = deadlines.begin(() => ended.push('called off'));
    await clock.step(30);
    deadlines.begin(() => ended.push('third'));
    expect(clock.pending).toBe(1);
    callOff();
    await clock.step(39);
    expect(ended).toEqual([]);
    await clock.step(1);
    expect(ended).toEqual(['first']);
    await clock.step(59);
    expect(ended).toEqual(['first']);
    await clock.step(1);
    expect(ended).toEqual(['first', 'third']);
    expect(clock.pending).toBe(0);
    deadlines.begin(() => ended.push('last'));
    await clock.step(100);
    expect(ended).toEqual(['first', 'third', 'last']);
  });

  it('leave no timer behind when they stop', async () => {
    const clock = new SteppableClock();
    const deadlines = new Deadlines(100, clock);
    deadlines.begin(() => {
      throw new Error('it was stopped');
    });
    deadlines.stop();
    expect(clock.pending).toBe(0);
    await clock.step(200);
  });
});
