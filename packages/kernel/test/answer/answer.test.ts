import { describe, expect, it } from '@jest/globals';
import { type Mechanism, type Verdict, mechanisms } from '@postern/contract';
import fc from 'fast-check';
import { accountOf, denialOf, fakeStore, good, pipelineOf, proofOf, rawAttempt, storeSeat } from './fakes.js';

describe('an answer', () => {
  it('places an accepted login and tells every step of the way', async () => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('staff', good())] });
    const outcome = await pipeline.answer(rawAttempt({ rawUser: 'Alice@example.org' }));
    expect(outcome.answer).toEqual({
      kind: 'placed',
      server: '192.0.2.1',
      port: 143,
      user: 'alice@example.org',
      asked: { protocol: 'imap', mechanism: 'plain', ordinal: 1 },
    });
    expect(outcome.attempt).toMatchObject({ user: 'alice@example.org', rawUser: 'Alice@example.org' });
    expect(outcome.placement).toMatchObject({ backend: 'mail-a', address: '192.0.2.1' });
    expect(outcome.account).toEqual(accountOf());
    expect(outcome.steps.map(({ stage, instance, outcome: what }) => [stage, instance, what])).toEqual([
      ['identity', undefined, 'user'],
      ['store', 'staff', 'accepted'],
      ['router', 'hash', 'placed'],
      ['placement', 'mail-a', 'placed'],
    ]);
  });

  it('has an id that no other attempt has', async () => {
    const one = pipelineOf({ stores: [storeSeat('a', good())] }).pipeline;
    const other = pipelineOf({ stores: [storeSeat('a', good())] }).pipeline;
    const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? one : other).answer(rawAttempt())));
    expect(new Set(outcomes.map(({ attempt }) => attempt?.id)).size).toBe(100);
  });

  it.each<[Verdict, string]>([
    [{ kind: 'rejected' }, 'rejected'],
    [{ kind: 'unknown-user' }, 'rejected'],
    [{ kind: 'unsupported' }, 'rejected'],
    [{ kind: 'limited' }, 'limited'],
    [{ kind: 'deferred', cause: 'x' }, 'deferred'],
    [{ kind: 'refused', why: 'disabled', proofHeld: true }, 'disabled'],
    [{ kind: 'refused', why: 'expired', proofHeld: true }, 'expired'],
    [{ kind: 'refused', why: 'locked', proofHeld: true }, 'locked'],
    [{ kind: 'refused', why: 'policy', proofHeld: true }, 'policy'],
    [{ kind: 'refused', why: 'tls-required', proofHeld: true }, 'tls-required'],
  ])('turns %j into the denial %s', async (verdict, denial) => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', fakeStore(verdict))] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(denialOf(outcome.answer)).toBe(denial);
    expect(outcome.verdict.kind).toBe(verdict.kind);
  });

  it('rule 59: for an unknown user, a wrong password and a disabled account without its password is the same', async () => {
    const verdicts: Verdict[] = [
      { kind: 'rejected' },
      { kind: 'unknown-user' },
      { kind: 'unsupported' },
      ...(['disabled', 'expired', 'locked', 'policy', 'tls-required'] as const).map(
        (why) => ({ kind: 'refused', why, proofHeld: false }) as const,
      ),
    ];
    const answers = await Promise.all(
      verdicts.map(
        async (verdict) => (await pipelineOf({ stores: [storeSeat('a', fakeStore(verdict))] }).pipeline.answer(rawAttempt())).answer,
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('whatever happens', () => {
  it('rule 58: a bug in the kernel itself is deferred and logged', async () => {
    const identity = {
      canonical: () => {
        throw new TypeError('x is undefined');
      },
    };
    const { pipeline, log } = pipelineOf({ identity, stores: [storeSeat('s', good())] });
    expect(denialOf((await pipeline.answer(rawAttempt())).answer)).toBe('deferred');
    expect(log.loud).toMatchObject([{ level: 'error', fields: { cause: 'TypeError: x is undefined' } }]);
  });

  it('nobody is placed whom no store accepted', async () => {
    const mechanism = fc.constantFrom<Mechanism>(...mechanisms);
    const verdict = fc.constantFrom<unknown>(
      { kind: 'rejected' },
      { kind: 'unknown-user' },
      { kind: 'deferred' },
      { kind: 'limited' },
      undefined,
      {},
      1,
    );
    await fc.assert(
      fc.asyncProperty(mechanism, fc.array(verdict, { maxLength: 4 }), fc.string({ maxLength: 20 }), async (how, verdicts, rawUser) => {
        const stores = verdicts.map((one, index) =>
          storeSeat(`s${index}`, fakeStore(one as Verdict, { mechanisms, lookup: { kind: 'unknown-user' } })),
        );
        const { pipeline } = pipelineOf({ stores, certificateRule: 'email', none: { domains: ['example.org'], knownRecipients: true } });
        const outcome = await pipeline.answer(rawAttempt({ rawUser, protocol: how === 'none' ? 'smtp' : 'imap', proof: proofOf(how) }));
        expect(outcome.answer.kind).toBe('denied');
        if (outcome.steps.some(({ outcome: what }) => what === 'deferred'))
          expect(['deferred', 'limited']).toContain(denialOf(outcome.answer));
      }),
      { numRuns: 300 },
    );
  });
});
