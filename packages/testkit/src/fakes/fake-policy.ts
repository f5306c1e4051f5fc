import type { LoginAttempt, Policy, Verdict } from '@postern/contract';
import { actFor, perform, type Script } from './act.js';

/** `pass`: asks further in and gives that verdict back. Anything else is done in its place. */
export type PolicyScript = 'pass' | Script<LoginAttempt, Verdict>;

export interface FakePolicy extends Policy {
  /** Attempts that came to it, in order. */
  readonly asked: readonly LoginAttempt[];
  /** What came back from further in, in order of arrival; only for `pass`. */
  readonly heard: readonly Verdict[];
}

/** A policy that lets everything pass, or does what its script says. */
export const fakePolicy = (script: PolicyScript = 'pass'): FakePolicy => {
  const asked: LoginAttempt[] = [];
  const heard: Verdict[] = [];
  return {
    asked,
    heard,
    around: (next) => async (attempt, signal) => {
      asked.push(attempt);
      if (script !== 'pass') return perform(actFor(script, attempt, asked.length - 1), signal);
      const verdict = await next(attempt, signal);
      heard.push(verdict);
      return verdict;
    },
  };
};
