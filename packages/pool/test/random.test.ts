import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Model, type Step } from './support/model.js';

const any = (kind: Extract<Step, { readonly which: number }>['kind']): fc.Arbitrary<Step> => fc.nat(7).map((which) => ({ kind, which }));

const steps = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Step>({ kind: 'ask', way: 'alone' }, { kind: 'ask', way: 'shared' }) },
  { weight: 6, arbitrary: any('give-back') },
  { weight: 4, arbitrary: any('open') },
  { weight: 2, arbitrary: fc.oneof(any('fail'), any('die'), any('discard'), any('give-up'), any('open-dead'), any('condemn')) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'next-turn' }) },
  { weight: 2, arbitrary: fc.constantFrom(1, 300, 999, 1000, 2000).map((ms): Step => ({ kind: 'time', ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'renew' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'stop' }, { kind: 'start' }, { kind: 'start' }) },
);

describe('a pool, whatever happens to it', () => {
  it('loses no place, keeps its limits, serves in order, leaves nobody waiting for what is there, and ends with nothing open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 80 }), async (taken) => {
        const model = new Model();
        for (const step of taken) await model.take(step);
        await model.end();
      }),
      { numRuns: 200 },
    );
  });
});
