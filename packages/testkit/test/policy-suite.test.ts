import { describe, expect, it } from '@jest/globals';
import type { Policy, Verdict } from '@postern/contract';
import { CollectingRunner, describePolicy, fakePolicy, type FakeServices } from '../src/index.js';

const failures = async (make: (services: FakeServices) => Policy): Promise<readonly string[]> => {
  const runner = new CollectingRunner();
  describePolicy(runner, { name: 'the policy', make });
  return (await runner.run()).filter((result) => result.outcome === 'failed').map((result) => result.name.replace(/^.*› /, ''));
};

const breaking = (around: Policy['around']): Promise<readonly string[]> => failures(() => ({ around }));

describe('the suite for policies', () => {
  it('passes a policy that lets everything pass', async () => {
    expect(await failures(() => fakePolicy())).toEqual([]);
  });

  it('catches a policy that asks twice', async () => {
    const names = await breaking((next) => async (attempt, signal) => (await next(attempt, signal), next(attempt, signal)));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('asks further in once')]));
    const retrying = await breaking((next) => (attempt, signal) => next(attempt, signal).catch(() => next(attempt, signal)));
    expect(retrying).toEqual(expect.arrayContaining([expect.stringContaining('asks no second time')]));
  });

  it('catches a policy that makes a "no" of "cannot tell"', async () => {
    const softened = (verdict: Verdict): Verdict => (verdict.kind === 'deferred' ? { kind: 'rejected' } : verdict);
    expect(await breaking((next) => async (attempt, signal) => softened(await next(attempt, signal)))).toEqual([
      expect.stringContaining('never makes anything else of deferred'),
    ]);
    const swallowing = await breaking((next) => (attempt, signal) => next(attempt, signal).catch((): Verdict => ({ kind: 'rejected' })));
    expect(swallowing).toEqual([expect.stringContaining('an error from further in'), expect.stringContaining('is given up')]);
  });

  it('catches a policy that keeps the signal to itself', async () => {
    const names = await breaking((next) => (attempt) => next(attempt, new AbortController().signal));
    expect(names).toEqual([expect.stringContaining('passes the signal on')]);
  });

  it('catches a policy that changes what it does not own', async () => {
    const names = await breaking((next) => async (attempt, signal) => {
      const verdict = await next(attempt, signal);
      return verdict.kind === 'unknown-user' ? { kind: 'rejected' } : verdict;
    });
    expect(names).toEqual([expect.stringContaining('untouched')]);
  });

  it('catches a policy that mixes logins up', async () => {
    let last: Promise<Verdict> | undefined;
    const names = await breaking((next) => (attempt, signal) => (last ??= next(attempt, signal)));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('its own answer')]));
  });

  it('catches a policy that keeps a password', async () => {
    const names = await failures((services) => ({
      around: (next) => async (attempt, signal) => {
        if (attempt.proof.mechanism === 'plain') await services.shared.set(`seen:${attempt.user}`, attempt.proof.password, 1000);
        return next(attempt, signal);
      },
    }));
    expect(names).toEqual([expect.stringContaining('puts no password')]);
  });
});
