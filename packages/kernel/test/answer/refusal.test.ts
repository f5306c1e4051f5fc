import { describe, expect, it } from '@jest/globals';
import type { Policy, Verdict } from '@postern/contract';
import type { StoreSeat } from '../../src/answer/seat.js';
import { clearText, denialOf, fakeStore, good, knowing, plain, pipelineOf, proofOf, rawAttempt, seat, storeSeat } from './fakes.js';

const down: Verdict = { kind: 'deferred', cause: new Error('down') };
const away = (proofHeld: boolean): StoreSeat[] => [
  knowing('new', down),
  storeSeat('old', fakeStore({ kind: 'refused', why: 'disabled', proofHeld }, { lookup: { kind: 'refused', why: 'disabled' } })),
];

describe('a refusal after an outage', () => {
  it('rule 57: without a proof is told as the outage that it is, and as a wrong password and an unknown user are then', async () => {
    const others = (['rejected', 'unknown-user'] as const).map((kind) => [knowing('new', down), knowing('old', { kind })]);
    for (const stores of [away(false), ...others]) {
      const { answer } = await pipelineOf({ stores }).pipeline.answer(rawAttempt());
      expect(denialOf(answer)).toBe('deferred');
    }
  });

  it('is still a refusal, which policies see marked', async () => {
    const { verdict } = await pipelineOf({ stores: away(false) }).pipeline.answer(rawAttempt());
    expect(verdict).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false, afterOutage: true });
  });

  it('speaks its own words to somebody whose proof held', async () => {
    expect(denialOf((await pipelineOf({ stores: away(true) }).pipeline.answer(rawAttempt())).answer)).toBe('disabled');
  });

  it('rule 57: bounces no mail: the recipient may be known where nobody could tell', async () => {
    const mail = rawAttempt({ protocol: 'smtp', proof: proofOf('none') });
    const seats = [storeSeat('new', fakeStore(down, { lookup: { kind: 'deferred', cause: new Error('down') } })), ...away(false).slice(1)];
    const { pipeline } = pipelineOf({ stores: seats, none: { domains: ['example.org'], knownRecipients: false } });
    expect(denialOf((await pipeline.answer(mail)).answer)).toBe('deferred');
  });

  it('rule 57: cannot be made of the outage by a policy, nor lose its mark there', async () => {
    const refusing: Policy = {
      around: (next) => async (attempt, signal) => {
        await next(attempt, signal);
        return { kind: 'refused', why: 'policy', proofHeld: false };
      },
    };
    const rejecting: Policy = { around: (next) => (attempt, signal) => next(attempt, signal).then(() => ({ kind: 'rejected' })) };
    for (const stores of [[knowing('new', down)], away(false)]) {
      for (const policy of [refusing, rejecting]) {
        const { pipeline, log } = pipelineOf({ stores, policies: [seat('soft', policy)] });
        expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('deferred');
        expect(log.loud.at(-1)).toMatchObject({ level: 'error', fields: { instance: 'soft' } });
      }
    }
  });
});

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
