import {
  isOverload,
  type Clock,
  type CredentialStore,
  type Log,
  type LoginAttempt,
  type Lookup,
  type StoreAbilities,
  type Verdict,
  type VerdictKind,
} from '@postern/contract';
import { causeText, ruleText } from './cause.js';
import { type Moments, OutOfTime, withinTime } from './deadline.js';
import { HeldBack } from './guard/held-back.js';
import type { Journal } from './journal.js';
import type { Onward, StoreSeat } from './seat.js';
import { checked, soundLookup, soundVerdict } from './sound.js';

/** Which answer is kept when several were heard. The first three end the matter, so only the others ever compete. */
export const strength: Readonly<Record<VerdictKind, number>> = {
  accepted: 6,
  refused: 5,
  limited: 4,
  deferred: 3,
  rejected: 2,
  unsupported: 1,
  'unknown-user': 0,
};

const unknownUser: Verdict = { kind: 'unknown-user' };
const unsupported: Verdict = { kind: 'unsupported' };

export interface ChainParts {
  readonly stores: readonly StoreSeat[];
  readonly clock: Clock;
  readonly moments: Moments;
  readonly log: Log;
}

/** The ordered stores and the rule between them (`docs/architecture.md`, "The chain rule"). */
export class Chain {
  readonly #parts: ChainParts;

  /** Throws when a store declares no abilities: it could never be asked. */
  constructor(parts: ChainParts) {
    this.#parts = parts;
    for (const { name, instance } of parts.stores) {
      if (!declaresAbilities(instance))
        throw new Error(`${name}: a credential store must declare its abilities: { mechanisms, knowsUsers }`);
    }
  }

  /**
   * Asks the stores in order. No store matched: `unknown-user`. None of those that matched can judge: `unsupported`. Never rejects.
   *
   * Each store gets a fair share of the time that is left, so that one which never answers cannot silence those behind it.
   */
  async ask(attempt: LoginAttempt, signal: AbortSignal, journal: Journal): Promise<Verdict> {
    const matching = this.#parts.stores.filter((seat) => seat.when.matches(attempt));
    const able = matching.filter((seat) => canJudge(seat, attempt, journal));
    let strongest: Verdict = matching.length > 0 && able.length === 0 ? unsupported : unknownUser;
    let left = able.length;
    let outage = false;
    for (const seat of able) {
      const verdict = await this.#askOne(seat, attempt, signal, journal, left--);
      if (verdict.kind === 'refused' && outage) return { ...verdict, afterOutage: true };
      outage ||= verdict.kind === 'deferred';
      if (strength[verdict.kind] > strength[strongest.kind]) strongest = verdict;
      if (onward(seat, verdict.kind) === 'stop') break;
      // Those who were not asked might have known the user. A policy may still be listening, for others or for later.
      if (left > 0 && journal.closed && this.#isOver(signal, journal)) return { kind: 'deferred', cause: new OutOfTime(0) };
    }
    return strongest;
  }

  #isOver(signal: AbortSignal, journal: Journal): boolean {
    return signal.aborted || this.#parts.clock.monotonic() >= journal.storesEnd;
  }

  async #askOne(seat: StoreSeat, attempt: LoginAttempt, signal: AbortSignal, journal: Journal, left: number): Promise<Verdict> {
    const startedAt = this.#parts.clock.monotonic();
    const around = journal.waitingFor;
    journal.waitingFor = { stage: 'store', instance: seat.name };
    try {
      const verdict = await this.#answerOf(seat, attempt, signal, journal, left);
      const detail = verdict.kind === 'deferred' ? this.#logDeferred(seat, attempt, verdict.cause) : ruleText(verdict, attempt.proof);
      journal.hear(seat.name, verdict, startedAt, detail);
      return verdict;
    } catch (cause) {
      const detail = this.#logFailure(seat, attempt, cause);
      const verdict: Verdict = { kind: 'deferred', cause };
      journal.hear(seat.name, verdict, startedAt, detail);
      return verdict;
    } finally {
      journal.waitingFor = around;
    }
  }

  /** Throws at once when no time is left. */
  #answerOf(seat: StoreSeat, attempt: LoginAttempt, signal: AbortSignal, journal: Journal, left: number): Promise<Verdict> {
    if (this.#isOver(signal, journal)) throw new OutOfTime(0);
    const share = (journal.storesEnd - this.#parts.clock.monotonic()) / left;
    if (seat.guard === undefined) return this.#put(seat, attempt, signal, journal, share);
    return seat.guard.ask({
      attempt,
      ms: share,
      othersFollow: left > 1 && onward(seat, 'deferred') === 'next',
      put: (ms) => this.#put(seat, attempt, signal, journal, ms),
      calledOff: () => signal !== journal.signal && signal.aborted,
    });
  }

  /** Settles within `ms` milliseconds. */
  #put(seat: StoreSeat, attempt: LoginAttempt, signal: AbortSignal, journal: Journal, ms: number): Promise<Verdict> {
    const { clock, moments, log } = this.#parts;
    const late = (cause: unknown): void =>
      log.debug('a store failed after its time was over', { instance: seat.name, id: attempt.id, cause: causeText(cause, attempt.proof) });
    const ownSignal = moments.signalAt(clock.monotonic() + ms);
    if (signal === journal.signal) return withinTime(putQuestion(seat.instance, attempt, ownSignal, journal), ms, clock, late, ownSignal);
    // A policy brought a signal of its own and may call the asking off.
    const either = AbortSignal.any([signal, ownSignal]);
    return withinTime(Promise.race([putQuestion(seat.instance, attempt, either, journal), aborted(signal)]), ms, clock, late, ownSignal);
  }

  #logDeferred(seat: StoreSeat, attempt: LoginAttempt, cause: unknown): string {
    const text = causeText(cause, attempt.proof);
    this.#parts.log[isSaidOnce(cause) ? 'debug' : 'warn']('a store cannot tell', { instance: seat.name, id: attempt.id, cause: text });
    return text;
  }

  #logFailure(seat: StoreSeat, attempt: LoginAttempt, cause: unknown): string {
    const text = causeText(cause, attempt.proof);
    const fields = { instance: seat.name, id: attempt.id, cause: text };
    if (cause instanceof OutOfTime) this.#parts.log.warn('a store did not answer in time', fields);
    else if (isSaidOnce(cause)) this.#parts.log.debug('a store has too much to do', fields);
    else this.#parts.log.error('a store failed', fields);
    return text;
  }
}

/** By the guard, for all; the login's own line says it, too. */
const isSaidOnce = (cause: unknown): boolean => cause instanceof HeldBack || isOverload(cause);

/** Plugins may be plain JavaScript. */
const declaresAbilities = (store: { readonly abilities?: Partial<StoreAbilities> }): boolean =>
  Array.isArray(store.abilities?.mechanisms) && typeof store.abilities.knowsUsers === 'boolean';

/** Answers to `external` and `none` come from `lookup`: the host has verified the certificate or the recipient's domain. */
const canJudge = (seat: StoreSeat, attempt: LoginAttempt, journal: Journal): boolean =>
  journal.question === 'lookup' ? seat.instance.lookup !== undefined : seat.instance.abilities.mechanisms.includes(attempt.proof.mechanism);

const onward = (seat: StoreSeat, kind: VerdictKind): Onward => {
  switch (kind) {
    case 'accepted':
    case 'refused':
    case 'limited':
      return 'stop';
    case 'rejected':
      return seat.on.rejected ?? (seat.instance.abilities.knowsUsers ? 'stop' : 'next');
    case 'unknown-user':
    case 'deferred':
      return seat.on[kind] ?? 'next';
    case 'unsupported':
      return 'next';
  }
};

const putQuestion = async (store: CredentialStore, attempt: LoginAttempt, signal: AbortSignal, journal: Journal): Promise<Verdict> => {
  if (journal.question === 'verify') return checked(soundVerdict(await store.verify(attempt, signal)));
  const lookup = checked(soundLookup(await store.lookup?.(attempt.user, signal)));
  return verdictOf(lookup);
};

/** Nobody doubts the proof here: a certificate was verified, or there is none to doubt. */
const verdictOf = (lookup: Lookup): Verdict => {
  switch (lookup.kind) {
    case 'found':
      return { kind: 'accepted', account: lookup.account };
    case 'refused':
      return { kind: 'refused', why: lookup.why, proofHeld: true };
    case 'unknown-user':
    case 'deferred':
      return lookup;
  }
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new OutOfTime(0)), { once: true }));
