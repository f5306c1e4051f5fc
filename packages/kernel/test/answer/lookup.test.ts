import { describe, expect, it } from '@jest/globals';
import type { Lookup, Policy, Verdict } from '@postern/contract';
import { accepted, accountOf, denialOf, fakeStore, good, pipelineOf, rawAttempt, seat, storeSeat, type FakeStore } from './fakes.js';

describe('a question without a proof', () => {
  it('asks policies that can rehearse around the lookup, where they match, and no others', async () => {
    const entered: string[] = [];
    const forReal: Policy = { around: () => () => Promise.reject(new Error('this never happened')) };
    const noting = (name: string): Policy => ({
      ...forReal,
      rehearse: (next) => async (attempt, signal) => {
        entered.push(name);
        return next(attempt, signal);
      },
    });
    const strict: Policy = {
      ...forReal,
      rehearse: (next) => async (attempt, signal) => {
        const verdict = await next(attempt, signal);
        return verdict.kind === 'accepted' ? { kind: 'refused', why: 'policy', proofHeld: true, rule: 'protocols' } : verdict;
      },
    };
    const store = good();
    const policies = [seat('a', noting('a')), seat('b', noting('b'), { protocol: 'pop3' }), seat('cache', forReal), seat('permit', strict)];
    const { pipeline } = pipelineOf({ stores: [storeSeat('s', store)], policies });
    const outcome = await pipeline.answer(rawAttempt(), 'lookup');
    expect([entered, store.asked.length, store.looked.length]).toEqual([['a'], 0, 1]);
    expect(outcome.steps.slice(1).map(({ stage, instance, outcome: what, detail }) => [stage, instance, what, detail])).toEqual([
      ['store', 's', 'accepted', undefined],
      ['policy', 'permit', 'refused', 'protocols'],
      ['policy', 'a', 'refused', undefined],
    ]);
    expect(denialOf(outcome.answer)).toBe('policy');
  });
});

describe('lookups', () => {
  const lookups = (lookup: Lookup | (() => Promise<Lookup>)): FakeStore => fakeStore({ kind: 'unknown-user' }, { lookup });
  const lookedUp = async (...stores: FakeStore[]): Promise<Verdict> => {
    const { pipeline } = pipelineOf({ stores: stores.map((store, index) => storeSeat(`s${index}`, store)) });
    return (await pipeline.answer(rawAttempt(), 'lookup')).verdict;
  };

  it('follow the chain rule', async () => {
    const found: Lookup = { kind: 'found', account: accountOf() };
    expect((await lookedUp(lookups({ kind: 'unknown-user' }), lookups(found))).kind).toBe('accepted');
    expect((await lookedUp(lookups({ kind: 'refused', why: 'disabled' }), lookups(found))).kind).toBe('refused');
    expect((await lookedUp(lookups({ kind: 'deferred', cause: 'x' }), lookups({ kind: 'unknown-user' }))).kind).toBe('deferred');
    expect((await lookedUp(fakeStore(accepted()), lookups({ kind: 'unknown-user' }))).kind).toBe('unknown-user');
    expect((await lookedUp(fakeStore(accepted()))).kind).toBe('unsupported');
  });

  it('are checked like verdicts', async () => {
    for (const answer of [
      undefined,
      { kind: 'found' },
      { kind: 'found', account: accountOf('a\nb') },
      { kind: 'refused', why: 'because' },
      { kind: 'accepted' },
    ]) {
      expect((await lookedUp(lookups(async () => answer as Lookup))).kind).toBe('deferred');
    }
    expect((await lookedUp(lookups(() => Promise.reject(new Error('down'))))).kind).toBe('deferred');
  });

  it('ask with the canonical user and never with the proof', async () => {
    const store = lookups({ kind: 'found', account: accountOf() });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    await pipeline.answer(rawAttempt({ rawUser: 'ALICE@Example.org' }), 'lookup');
    expect(store.looked).toEqual(['alice@example.org']);
    expect(store.asked).toEqual([]);
  });
});
