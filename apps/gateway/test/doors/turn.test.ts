import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Turn } from '../../src/doors/turn.js';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await setImmediate();
};

const unexpected = (cause: unknown): void => {
  throw cause;
};

describe('a turn', () => {
  it('does everything in the order in which it came', async () => {
    const turn = new Turn(unexpected);
    const done: number[] = [];
    for (const number of [1, 2, 3]) turn.add(() => done.push(number));
    expect(done).toEqual([]);
    await turns(3);
    expect(done).toEqual([1, 2, 3]);
  });

  it('waits while every turn of the event loop brings more, but not for ever', async () => {
    const turn = new Turn(unexpected);
    let done = 0;
    for (let added = 1; added <= 10; added += 1) {
      turn.add(() => (done += 1));
      await turns(1);
      expect(done).toBe(0);
    }
    for (let added = 11; added <= 40; added += 1) {
      turn.add(() => (done += 1));
      await turns(1);
    }
    expect(done).toBeGreaterThanOrEqual(16);
  });

  it('does what its own work adds in a later turn', async () => {
    const turn = new Turn(unexpected);
    const done: string[] = [];
    turn.add(() => {
      done.push('first');
      turn.add(() => done.push('second'));
      done.push('end of first');
    });
    await turns(6);
    expect(done).toEqual(['first', 'end of first', 'second']);
  });

  it('rule 58: work that throws takes nothing from the work beside it', async () => {
    const done: string[] = [];
    const faults: unknown[] = [];
    const turn = new Turn((cause) => faults.push(cause));
    turn.add(() => done.push('first'));
    turn.add(() => {
      throw new Error('a bug');
    });
    turn.add(() => done.push('last'));
    await turns(6);
    expect([done, faults]).toEqual([['first', 'last'], [new Error('a bug')]]);
  });
});
