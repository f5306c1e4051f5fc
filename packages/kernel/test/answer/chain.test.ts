import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import fc from 'fast-check';
import type { StoreSeat } from '../../src/answer/seat.js';
import { accepted, attemptFor, fakeStore, knowing, pipelineOf, proofOf, rawAttempt, storeSeat, type FakeStore } from './fakes.js';

const rejected: Verdict = { kind: 'rejected' };
const unknown: Verdict = { kind: 'unknown-user' };
const unsupported: Verdict = { kind: 'unsupported' };
const limited: Verdict = { kind: 'limited' };
const deferred: Verdict = { kind: 'deferred', cause: new Error('down') };
const disabled: Verdict = { kind: 'refused', why: 'disabled', proofHeld: true };

const verdictOf = async (...stores: StoreSeat[]): Promise<Verdict['kind']> => {
  const { pipeline } = pipelineOf({ stores });
  return (await pipeline.answer(rawAttempt())).verdict.kind;
};

const blind = (name: string, verdict: Verdict, on = {}): StoreSeat => storeSeat(name, fakeStore(verdict, { knowsUsers: false }), on);
const asked = (seat: StoreSeat): number => (seat.instance as FakeStore).asked.length;

describe('the chain rule', () => {
  it('ends with accepted: nobody behind it is asked', async () => {
    const last = knowing('last', rejected);
    expect(await verdictOf(knowing('first', unknown), knowing('second', accepted()), last)).toBe('accepted');
    expect(asked(last)).toBe(0);
  });

  it('ends with refused: a user disabled in one store is not let in by another', async () => {
    const last = knowing('last', accepted());
    expect(await verdictOf(knowing('first', disabled), last)).toBe('refused');
    expect(asked(last)).toBe(0);
  });

  it('ends with limited', async () => {
    expect(await verdictOf(knowing('first', limited), knowing('last', accepted()))).toBe('limited');
  });

  it('ends with rejected from a store that knows its users', async () => {
    expect(await verdictOf(knowing('first', rejected), knowing('last', accepted()))).toBe('rejected');
  });

  it('goes on after rejected from a blind store', async () => {
    expect(await verdictOf(blind('first', rejected), knowing('last', accepted()))).toBe('accepted');
    expect(await verdictOf(blind('first', rejected), knowing('last', unknown))).toBe('rejected');
  });

  it('goes on after unknown-user, unsupported and deferred', async () => {
    expect(await verdictOf(knowing('a', unknown), knowing('b', unsupported), knowing('c', deferred), knowing('d', accepted()))).toBe(
      'accepted',
    );
  });

  it('never forgets deferred', async () => {
    expect(await verdictOf(knowing('a', deferred), knowing('b', unknown))).toBe('deferred');
    expect(await verdictOf(knowing('a', deferred), knowing('b', rejected))).toBe('deferred');
    expect(await verdictOf(blind('a', rejected), knowing('b', deferred))).toBe('deferred');
  });

  it('lets refused win over deferred, and rejected over unsupported over unknown-user', async () => {
    expect(await verdictOf(knowing('a', deferred), knowing('b', disabled))).toBe('refused');
    expect(await verdictOf(blind('a', rejected), knowing('b', unsupported))).toBe('rejected');
    expect(await verdictOf(knowing('a', unsupported), knowing('b', unknown))).toBe('unsupported');
  });

  it('says unknown-user when there is no store, or none whose `when` matches', async () => {
    expect(await verdictOf()).toBe('unknown-user');
    const elsewhere = storeSeat('a', fakeStore(accepted()), {}, { domain: 'other.net' });
    expect(await verdictOf(elsewhere)).toBe('unknown-user');
    expect(asked(elsewhere)).toBe(0);
  });

  it('says unsupported when none of those that match can judge the mechanism', async () => {
    const store = fakeStore(accepted(), { mechanisms: ['plain'] });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    const outcome = await pipeline.answer(rawAttempt({ proof: proofOf('cram-md5') }));
    expect(outcome.verdict.kind).toBe('unsupported');
    expect(outcome.answer).toMatchObject({ kind: 'denied', denial: 'rejected' });
    expect(store.asked).toHaveLength(0);
  });

  it('passes over a store that cannot judge the mechanism without counting it', async () => {
    expect(await verdictOf(storeSeat('a', fakeStore(accepted(), { mechanisms: ['apop'] })), knowing('b', unknown))).toBe('unknown-user');
  });

  describe('with `on`', () => {
    it('goes on after a knowing rejection, and stops after a blind one', async () => {
      expect(await verdictOf(knowing('a', rejected, { rejected: 'next' }), knowing('b', accepted()))).toBe('accepted');
      expect(await verdictOf(blind('a', rejected, { rejected: 'stop' }), knowing('b', accepted()))).toBe('rejected');
    });

    it('stops after unknown-user and after deferred', async () => {
      expect(await verdictOf(knowing('a', unknown, { 'unknown-user': 'stop' }), knowing('b', accepted()))).toBe('unknown-user');
      expect(await verdictOf(knowing('a', deferred, { deferred: 'stop' }), knowing('b', accepted()))).toBe('deferred');
    });

    it('does not soften what was deferred before', async () => {
      expect(await verdictOf(knowing('a', deferred), knowing('b', rejected, { rejected: 'stop' }))).toBe('deferred');
      expect(await verdictOf(knowing('a', deferred), knowing('b', unknown, { 'unknown-user': 'stop' }))).toBe('deferred');
    });
  });

  it('holds for every chain there can be', async () => {
    const verdict = fc.constantFrom(accepted(), rejected, unknown, unsupported, limited, deferred, disabled);
    const onward = fc.constantFrom('next' as const, 'stop' as const, undefined);
    const step = fc.record({ verdict, knows: fc.boolean(), rejected: onward, unknownUser: onward, deferred: onward });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const seats = steps.map(({ verdict: say, knows, rejected: r, unknownUser: u, deferred: d }, index) =>
          storeSeat(`s${index}`, fakeStore(say, { knowsUsers: knows }), {
            ...(r && { rejected: r }),
            ...(u && { 'unknown-user': u }),
            ...(d && { deferred: d }),
          }),
        );
        const result = await verdictOf(...seats);
        const heard = steps.filter((_, index) => asked(seats[index]!) > 0).map((one) => one.verdict.kind);
        expect(heard).toEqual(steps.slice(0, heard.length).map((one) => one.verdict.kind));
        // Nobody is let in whom no store accepted, or whom a store before it refused.
        if (result === 'accepted') expect(heard.indexOf('accepted')).toBe(heard.length - 1);
        expect(heard.slice(0, -1).filter((kind) => ['accepted', 'refused', 'limited'].includes(kind))).toEqual([]);
        // Deferred is never softened.
        if (heard.includes('deferred')) expect(['deferred', 'accepted', 'refused', 'limited']).toContain(result);
        const order = ['accepted', 'refused', 'limited', 'deferred', 'rejected', 'unsupported', 'unknown-user'];
        expect(result).toBe(order.find((kind) => heard.includes(kind as Verdict['kind'])) ?? 'unknown-user');
      }),
      { numRuns: 500 },
    );
  });
});

it('gives stores the attempt with its canonical user and the typed one', async () => {
  const store = fakeStore(accepted());
  const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
  await pipeline.answer(rawAttempt({ rawUser: 'ALICE@Example.org' }));
  expect(store.asked).toEqual([{ ...attemptFor(), id: store.asked[0]!.id, rawUser: 'ALICE@Example.org' }]);
});
