import type { Account, BackendRef, BackendRouter, LoginAttempt, Routing } from '@postern/contract';
import { actFor, answers, perform, type Act, type Script } from './act.js';

/** What `locate` was asked. */
export interface RoutingQuestion {
  readonly account: Account;
  readonly attempt: LoginAttempt;
}

/** A router that does what its script says and remembers what it was asked. */
export interface FakeRouter extends BackendRouter {
  readonly asked: readonly RoutingQuestion[];
  /** The signal of each question. */
  readonly signals: readonly AbortSignal[];
}

/** `script`: for `locate`. */
export const fakeRouter = (script: Script<RoutingQuestion, Routing>): FakeRouter => {
  const asked: RoutingQuestion[] = [];
  const signals: AbortSignal[] = [];
  return {
    asked,
    signals,
    locate: (account, attempt, signal) => {
      const question = { account, attempt };
      asked.push(question);
      signals.push(signal);
      return perform(actFor(script, question, asked.length - 1), signal);
    },
  };
};

/** The answer that names declared backends, best first. */
export const places = (...names: readonly string[]): Act<Routing> =>
  answers({ kind: 'placed', backends: names.map((name): BackendRef => ({ kind: 'named', name })) });
