import type { Account, LoginAttempt, Protocol, Routes, Whereabouts } from '@postern/contract';

/** What `whereTo` was asked. */
export interface RoutesQuestion {
  readonly account: Account;
  readonly attempt: LoginAttempt;
  readonly protocol: Protocol;
  readonly signal: AbortSignal;
}

/** `Routes` that say what a test tells them; without a word from it, nobody lives anywhere. */
export class FakeRoutes implements Routes {
  readonly asked: RoutesQuestion[] = [];
  /** May be replaced at any time; what it throws rejects, which no real host does. */
  answer: (question: RoutesQuestion) => Whereabouts | Promise<Whereabouts> = () => ({ kind: 'homeless' });

  async whereTo(account: Account, attempt: LoginAttempt, protocol: Protocol, signal: AbortSignal): Promise<Whereabouts> {
    const question = { account, attempt, protocol, signal };
    this.asked.push(question);
    return this.answer(question);
  }
}
