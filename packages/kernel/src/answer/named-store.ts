import type { Clock, CredentialStore, LoginAttempt, NamedStore, Verdict } from '@postern/contract';
import { causeText, ruleText } from './cause.js';
import { beforeAbort, withinTime } from './deadline.js';
import type { Subject } from './guard/circuit.js';
import type { Told } from './guard/guarded-question.js';
import type { Journal } from './journal.js';
import type { StoreSeat } from './seat.js';
import { checked, type Sound, soundEnrolled, soundKept, soundLookup, soundVerdict } from './sound.js';

export interface NamedStoreParts {
  readonly clock: Clock;
  /** Milliseconds for one answer; the store's own time-out goes before. */
  readonly ms: number;
  /** Milliseconds that the asker waits for an answer. Absent: as long as the store has. */
  readonly patienceMs?: number;
  /** The journal of an attempt that is being answered. */
  readonly journalOf: (id: string) => Journal | undefined;
}

interface Deferred {
  readonly kind: 'deferred';
  readonly cause: unknown;
}

/** `aside`: what comes of it says nothing of logins. */
interface Question<A> {
  readonly about: Subject;
  readonly put: (signal: AbortSignal) => unknown;
  readonly sound: (value: unknown) => Sound<A>;
  readonly aside?: boolean;
}

/** A store as others than the chain may ask it: behind its guard and a time-out, with those methods alone that it has. */
export const namedStore = (seat: StoreSeat, parts: NamedStoreParts): NamedStore => {
  const { name, instance: store } = seat;
  const asking = new Asking(seat, parts);
  const about = (user: string): Subject => ({ user });
  return {
    name,
    within: (ms) => namedStore(seat, { ...parts, patienceMs: Math.min(parts.patienceMs ?? ms, ms) }),
    get abilities() {
      return store.abilities;
    },
    verify: (attempt, signal) => asking.verify(attempt, signal),
    ...(has(store, 'lookup') && {
      lookup: (user, signal) => asking.ask({ about: about(user), put: (own) => store.lookup(user, own), sound: soundLookup }, signal),
    }),
    ...(has(store, 'enroll') && {
      enroll: (account, password, signal) =>
        asking.ask(
          { about: about(account.user), put: (own) => store.enroll(account, password, own), sound: soundEnrolled, aside: true },
          signal,
        ),
    }),
    ...(has(store, 'kept') && {
      kept: (user, signal) =>
        asking.ask({ about: about(user), put: (own) => store.kept(user, own), sound: soundKept, aside: true }, signal),
    }),
    ...(has(store, 'withdraw') && {
      withdraw: (user, hash, signal) =>
        asking.ask({ about: about(user), put: (own) => store.withdraw(user, hash, own), sound: soundEnrolled, aside: true }, signal),
    }),
  };
};

type Optional = 'lookup' | 'enroll' | 'kept' | 'withdraw';

/** Whether a store can do it. Plugins may be plain JavaScript. */
export const has = <T extends Optional>(store: CredentialStore, task: T): store is CredentialStore & Required<Pick<CredentialStore, T>> =>
  typeof store[task] === 'function';

class Asking {
  readonly #seat: StoreSeat;
  readonly #parts: NamedStoreParts;

  constructor(seat: StoreSeat, parts: NamedStoreParts) {
    this.#seat = seat;
    this.#parts = parts;
  }

  /** While the attempt is being answered, it is a step of it. */
  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { name, instance } = this.#seat;
    const startedAt = this.#parts.clock.monotonic();
    const verdict = await this.ask<Verdict>({ about: attempt, put: (own) => instance.verify(attempt, own), sound: soundVerdict }, signal);
    const detail = verdict.kind === 'deferred' ? causeText(verdict.cause, attempt.proof) : ruleText(verdict, attempt.proof);
    this.#parts.journalOf(attempt.id)?.hear(name, verdict, startedAt, detail);
    return verdict;
  }

  /** Never rejects. */
  async ask<A extends Told>(question: Question<A>, signal: AbortSignal): Promise<A | Deferred> {
    const { patienceMs, clock } = this.#parts;
    try {
      signal.throwIfAborted();
      if (patienceMs === undefined) return await beforeAbort(this.#guarded(question, signal), signal);
      // The guard learns what the store does with the whole of its time: of one that is only slow, a hasty asker says nothing.
      const { signal: unhurried } = new AbortController();
      return await beforeAbort(withinTime(this.#guarded(question, unhurried), patienceMs, clock, ignore), signal);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  #guarded<A extends Told>({ about, put, sound, aside = false }: Question<A>, signal: AbortSignal): Promise<A | Deferred> {
    const { ms } = this.#parts;
    const { guard } = this.#seat;
    const putWithin = (left: number): Promise<A> => this.#put(put, sound, left, signal);
    if (guard === undefined) return putWithin(ms);
    const calledOff = (): boolean => signal.aborted;
    return guard.ask({ attempt: about, ms, othersFollow: false, put: putWithin, calledOff, aside });
  }

  /**
   * Settles within `ms` milliseconds. Nothing that outlives it holds the question: a store that never answers would keep passwords in
   * memory for good.
   */
  async #put<A>(put: Question<A>['put'], sound: Question<A>['sound'], ms: number, signal: AbortSignal): Promise<A> {
    const own = new AbortController();
    try {
      const answer = withinTime(begun(put, own.signal), ms, this.#parts.clock, ignore);
      return checked(sound(await beforeAbort(answer, signal)));
    } catch (cause) {
      own.abort(cause);
      throw cause;
    }
  }
}

/** What is thrown at once is a rejection, too. */
const begun = (put: (signal: AbortSignal) => unknown, signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => resolve(put(signal)));

const ignore = (): void => undefined;
