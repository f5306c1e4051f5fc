import type { Account, Ask, LoginAttempt, Verdict } from '@postern/contract';
import { attempt, type AttemptParts, fakeServices, type FakeServices, parseConfig } from '@postern/testkit';
import { cachePlugin } from '../../src/index.js';

export const never = new AbortController().signal;

export const accepted = (user = 'ann@example.org', more: Partial<Account> = {}): Verdict => ({
  kind: 'accepted',
  account: { user, attributes: { host: 'mail-a' }, ...more },
});
export const rejected: Verdict = { kind: 'rejected' };
export const deferred: Verdict = { kind: 'deferred', cause: new Error('the directory is down') };
export const disabled: Verdict = { kind: 'refused', why: 'disabled', proofHeld: false };

export interface Opened {
  /** What the stores say from now on. */
  says: Verdict | ((login: LoginAttempt, signal: AbortSignal) => Verdict | Promise<Verdict>);
  readonly asked: readonly LoginAttempt[];
  readonly services: FakeServices;
  readonly around: Ask;
  readonly stop: () => Promise<void>;
  login(parts?: AttemptParts): Promise<Verdict>;
  /** The verdict's kind, with a `!` behind it when the stores were asked for it. */
  kind(parts?: AttemptParts): Promise<string>;
  answers(source: string): number;
}

/** A started cache around stores that say what a test wants. */
export const open = async (input: object = {}, services = fakeServices()): Promise<Opened> => {
  const policy = cachePlugin.create(parseConfig(cachePlugin, input), services);
  await policy.start?.(never);
  const asked: LoginAttempt[] = [];
  const next: Ask = async (login, signal) => {
    asked.push(login);
    return typeof opened.says === 'function' ? opened.says(login, signal) : opened.says;
  };
  const around = policy.around(next);
  const opened: Opened = {
    says: accepted(),
    asked,
    services,
    around,
    stop: async () => policy.stop?.(never),
    login: (parts = {}) => around(attempt(parts), never),
    kind: async (parts = {}) => {
      const before = asked.length;
      const { kind } = await opened.login(parts);
      return asked.length > before ? `${kind}!` : kind;
    },
    answers: (source) => services.metrics.value('cache_answers_total', { source }),
  };
  return opened;
};
