import { describe, expect, it } from '@jest/globals';
import type { Policy } from '@postern/contract';
import { clearText, denialOf, fakeStore, good, plain, pipelineOf, rawAttempt, seat, storeSeat } from './fakes.js';

describe('a refusal', () => {
  const refusing = (proofHeld: boolean, rule?: string): Policy => ({
    around: () => async () => ({ kind: 'refused', why: 'tls-required', proofHeld, ...(rule !== undefined && { rule }) }),
  });

  it('by a policy for want of TLS speaks its own words as long as no store was asked: it says nothing of an account', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', store)], policies: [seat('permit', refusing(false))] });
    expect(denialOf((await pipeline.answer(clearText)).answer)).toBe('tls-required');
    expect(store.asked).toHaveLength(0);
  });

  it('rule 59: for want of TLS is told like a wrong password once a store was asked, unless the proof held', async () => {
    const after = (proofHeld: boolean): Policy => ({
      around: (next) => async (attempt, signal) => {
        await next(attempt, signal);
        return { kind: 'refused', why: 'tls-required', proofHeld };
      },
    });
    const answer = async (policy: Policy): Promise<string> =>
      denialOf((await pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] }).pipeline.answer(clearText)).answer);
    expect(await answer(after(false))).toBe('rejected');
    expect(await answer(after(true))).toBe('tls-required');
  });

  it('rule 59: for any other reason is told like a wrong password although no store was asked', async () => {
    for (const why of ['disabled', 'expired', 'locked', 'policy'] as const) {
      const policy: Policy = { around: () => async () => ({ kind: 'refused', why, proofHeld: false }) };
      const { pipeline } = pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] });
      expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('rejected');
    }
  });

  it('names its rule in the step of whoever refused, once, and never what was typed', async () => {
    const policies = [
      seat('outer', { around: (next) => next } satisfies Policy),
      seat('permit', refusing(true, 'requireTls for canary-typed')),
    ];
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', good())], policies });
    const outcome = await pipeline.answer(rawAttempt({ proof: plain('canary-typed') }));
    expect(outcome.steps.slice(1).map(({ instance, detail }) => [instance, detail])).toEqual([
      ['permit', 'requireTls for [secret]'],
      ['outer', undefined],
    ]);
    const store = fakeStore({ kind: 'refused', why: 'policy', proofHeld: true, rule: 'the group' });
    const byStore = await pipelineOf({ stores: [storeSeat('s', store)] }).pipeline.answer(rawAttempt());
    expect(byStore.steps.at(-1)).toMatchObject({ stage: 'store', outcome: 'refused', detail: 'the group' });
  });

  it('whose rule is no text is nonsense', async () => {
    const policy = { around: () => async () => ({ kind: 'refused', why: 'policy', proofHeld: true, rule: {} }) } as unknown as Policy;
    const outcome = await pipelineOf({ stores: [storeSeat('s', good())], policies: [seat('p', policy)] }).pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
  });
});
