import type { Ask, Clock, Log, LoginAttempt, Policy, Verdict } from '@postern/contract';
import { causeText, ruleText } from './cause.js';
import type { Journal } from './journal.js';
import type { Seat } from './seat.js';
import { checked, soundVerdict } from './sound.js';

export interface PolicyParts {
  readonly policies: readonly Seat<Policy>[];
  readonly clock: Clock;
  readonly log: Log;
  /** The journal of an attempt that is being answered. */
  readonly journalOf: (id: string) => Journal | undefined;
}

/** How a policy is put around what is further in; undefined leaves it out. */
export type Entry = (policy: Policy, next: Ask) => Ask | undefined;

const forReal: Entry = (policy, next) => policy.around(next);

/** For questions about somebody, without a proof. */
export const rehearsal: Entry = (policy, next) => policy.rehearse?.(next);

/** For logins that never happened: without consequences where a policy knows how. */
export const trial: Entry = (policy, next) => policy.rehearse?.(next) ?? policy.around(next);

/** Puts the policies around `innermost`, the first of the list outermost. What comes out never rejects unless `innermost` does. */
export const surround = (innermost: Ask, parts: PolicyParts, enter: Entry = forReal): Ask =>
  parts.policies.reduceRight<Ask>((next, seat) => {
    const around = seat.place === undefined ? enter(seat.instance, next) : seat.place.around(next, (inner) => enter(seat.instance, inner));
    if (around === undefined) return next;
    return async (attempt, signal) =>
      seat.when.matches(attempt) ? askPolicy(seat.name, around, attempt, signal, parts) : next(attempt, signal);
  }, innermost);

const askPolicy = async (name: string, policy: Ask, attempt: LoginAttempt, signal: AbortSignal, parts: PolicyParts): Promise<Verdict> => {
  const journal = parts.journalOf(attempt.id);
  const startedAt = parts.clock.monotonic();
  const waitingFor = journal?.waitingFor;
  if (journal !== undefined) journal.waitingFor = { stage: 'policy', instance: name };
  let verdict: Verdict;
  let detail: string | undefined;
  try {
    verdict = unsoftened(checked(soundVerdict(await policy(attempt, signal))), journal?.passing);
    if (verdict !== journal?.passing) detail = ruleText(verdict, attempt.proof);
  } catch (cause) {
    detail = causeText(cause, attempt.proof);
    if (journal?.closed !== true) parts.log.error('a policy failed', { instance: name, id: attempt.id, cause: detail });
    verdict = { kind: 'deferred', cause };
  }
  if (journal === undefined) return verdict;
  journal.waitingFor = waitingFor;
  journal.passing = verdict;
  journal.add('policy', verdict.kind, startedAt, name, detail);
  return verdict;
};

/** A policy may answer in place of an outage, for example from a cache, but never with a no: it would look like a wrong password. */
const unsoftened = (verdict: Verdict, inner: Verdict | undefined): Verdict => {
  if (inner === undefined || !tellsOutage(inner) || !soundsWrong(verdict)) return verdict;
  const cause = inner.kind === 'deferred' ? { cause: inner.cause } : {};
  throw new Error(`the policy turned deferred into ${verdict.kind}`, cause);
};

/** Whether somebody with a wrong password would hear of an outage. */
const tellsOutage = (verdict: Verdict): boolean =>
  verdict.kind === 'deferred' || (verdict.kind === 'refused' && verdict.afterOutage === true);

/** Whether it would be told like a wrong password. */
const soundsWrong = (verdict: Verdict): boolean => {
  switch (verdict.kind) {
    case 'rejected':
    case 'unknown-user':
    case 'unsupported':
      return true;
    case 'refused':
      return !verdict.proofHeld && verdict.afterOutage !== true;
    case 'accepted':
    case 'limited':
    case 'deferred':
      return false;
  }
};
