import { type Clock, isOfThisLogin, isOverload, type Log } from '@postern/contract';
import { causeText } from '../cause.js';
import { OutOfTime } from '../deadline.js';
import { BrokenRecords } from './broken-records.js';
import { Circuit, type CircuitRules, type CircuitState, type Failure, type Passage } from './circuit.js';
import type { GuardedQuestion, Held, Told } from './guarded-question.js';
import { HeldBack } from './held-back.js';
import { Line } from './line.js';

/** What one store may take of the gateway, so that its fall is not everybody's. */
export interface StoreLimits {
  readonly concurrency: number;
  readonly queue: number;
  /** Milliseconds for one answer; a smaller share of the deadline goes before. Absent: its share. */
  readonly timeoutMs?: number | undefined;
  /** Undefined: it is always asked. */
  readonly breaker: CircuitRules | undefined;
}

export interface StoreGuardParts {
  /** The instance's. */
  readonly name: string;
  readonly limits: StoreLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the config's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** A question that was put. */
interface Asked {
  readonly question: GuardedQuestion<Told>;
  readonly passage: Passage;
  /** Milliseconds that there were. */
  readonly ms: number;
  /** On the monotonic clock. */
  readonly began: number;
  /** How many were inside then, this one included. */
  readonly ordinal: number;
}

export interface StoreStatus {
  readonly name: string;
  readonly circuit: CircuitState;
  /** Questions that the store is answering. */
  readonly asking: number;
  readonly waiting: number;
  /** Why it is not asked, or that it can judge nobody; absent when all is well. */
  readonly note?: string;
}

const tooMany = 'has so many logins before this one that its time is over';

/** Stands before one store: so many questions at once, so many waiting, none while it is down. */
export class StoreGuard {
  readonly #parts: StoreGuardParts;
  readonly #line: Line;
  readonly #circuit: Circuit | undefined;
  readonly #records = new BrokenRecords((failure) => this.#told(failure));
  readonly #timeoutMs: number;
  /** When it last answered somebody, on the monotonic clock. */
  #answeredAt = -Infinity;
  #openSince: number | undefined;
  #lastCause = '';

  constructor(parts: StoreGuardParts) {
    const { limits, clock } = parts;
    this.#parts = parts;
    this.#line = new Line(limits, clock);
    this.#timeoutMs = limits.timeoutMs ?? Infinity;
    const { breaker: rules } = limits;
    this.#circuit = rules && new Circuit({ rules, clock, changed: (state, failure) => this.#changed(state, failure, rules) });
  }

  get status(): StoreStatus {
    const status = {
      name: this.#parts.name,
      circuit: this.#circuit?.state ?? 'closed',
      asking: this.#line.inside,
      waiting: this.#line.waiting,
    };
    const note = this.#note();
    return note === undefined ? status : { ...status, note };
  }

  #note(): string | undefined {
    if (this.#openSince !== undefined)
      return `not asked since ${new Date(this.#openSince).toISOString()}, it kept failing: ${this.#lastCause}; a login tries it now and then`;
    const { trouble } = this.#records;
    return trouble && `it can judge nobody, the last logins all ended so: ${trouble}`;
  }

  /** Without what must not be told. */
  #told({ attempt, cause }: Pick<Failure, 'attempt' | 'cause'>): string {
    return this.#parts.scrub(causeText(cause, attempt.proof));
  }

  /** Rejects with what `put` rejected with, or with `OutOfTime` when the turn did not come. Held back: *deferred*, at once. */
  ask<A extends Told>(question: GuardedQuestion<A>): Promise<A | Held> {
    const ms = this.#timeOf(question);
    const passage = question.aside === true ? this.#passageAside() : (this.#circuit?.next() ?? 'go');
    switch (passage) {
      case 'stop':
        return this.#holdBack('is not asked just now: it kept failing');
      case 'trial':
        return this.#try(question, ms);
      case 'go':
        return this.#line.enter() ? this.#put(question, ms, passage) : this.#wait(question, ms);
    }
  }

  #passageAside(): Passage {
    return this.#circuit === undefined || this.#circuit.state === 'closed' ? 'go' : 'stop';
  }

  /** The answer is for all. Who could be answered by another store does not wait for it. */
  #try<A extends Told>(question: GuardedQuestion<A>, ms: number): Promise<A | Held> {
    this.#line.enter(true);
    const answer = this.#put(question, ms, 'trial');
    if (!question.othersFollow) return answer;
    answer.catch(() => undefined);
    return this.#holdBack('is being tried and not waited for: it kept failing');
  }

  async #wait<A extends Told>(question: GuardedQuestion<A>, ms: number): Promise<A | Held> {
    const { clock } = this.#parts;
    const began = clock.monotonic();
    const turn = await (this.#line.wait(ms) ?? 'no-room');
    switch (turn) {
      case 'no-room':
        return this.#holdBack('has too many logins waiting', true);
      case 'sent-away':
        return this.#holdBack('is not asked any more: it kept failing');
      case 'too-late':
        return this.#holdBack(tooMany, true);
      case 'in':
        return this.#inTurn(question, ms - (clock.monotonic() - began));
    }
  }

  /** Who has less time left than an answer takes of late would keep the store busy for nothing. */
  #inTurn<A extends Told>(question: GuardedQuestion<A>, left: number): Promise<A | Held> {
    if (left > this.#line.usualMs && !question.calledOff()) return this.#put(question, left, 'go');
    this.#line.passOn();
    return left > 0 ? this.#holdBack(tooMany, true) : Promise.reject(new OutOfTime(0));
  }

  #put<A extends Told>(question: GuardedQuestion<A>, ms: number, passage: Passage): Promise<A> {
    const asked = { question, passage, ms, began: this.#parts.clock.monotonic(), ordinal: this.#line.inside };
    // What it throws at once is a rejection, too: or the place would never be given back.
    const answer = new Promise<A>((resolve) => resolve(question.put(ms)));
    answer.then(
      (verdict) => this.#judge(asked, verdict),
      (cause: unknown) => this.#judge(asked, { kind: 'deferred', cause }),
    );
    return answer;
  }

  #judge(asked: Asked, verdict: Told): void {
    const { question, passage } = asked;
    const took = this.#parts.clock.monotonic() - asked.began;
    if (question.aside !== true) this.#records.note(question.attempt, verdict);
    if (question.aside === true) this.#circuit?.undecided(passage);
    else if (verdict.kind !== 'deferred') this.#answered(asked, took);
    else if (question.calledOff() || isOverload(verdict.cause) || isOfThisLogin(verdict.cause)) this.#circuit?.undecided(passage);
    else this.#failed(asked, took, verdict.cause);
    // Last: if this one opened the circuit, nobody waits any more who would take the place.
    this.#line.leave(took);
  }

  #answered(asked: Asked, tookMs: number): void {
    this.#answeredAt = asked.began + tookMs;
    this.#circuit?.succeeded(asked.passage);
    this.#served(asked, tookMs);
  }

  /** Whoever waits in vain while others are answered meets no outage, but too many others. */
  #failed(asked: Asked, tookMs: number, cause: unknown): void {
    const { question, passage, ms, began } = asked;
    const slow = tookMs >= ms / 2;
    if (slow && this.#answeredAt > began) {
      this.#circuit?.undecided(passage);
      this.#served(asked, tookMs);
    } else this.#circuit?.failed(passage, { attempt: question.attempt, slow, cause });
  }

  #served({ question, ordinal }: Asked, tookMs: number): void {
    this.#line.served({ tookMs, ms: this.#timeOf(question), ordinal });
  }

  /** Milliseconds for the question, waiting included. */
  #timeOf({ ms }: Pick<GuardedQuestion<Told>, 'ms'>): number {
    return Math.min(ms, this.#timeoutMs);
  }

  #changed(state: CircuitState, failure: Failure | undefined, { after, forMs }: CircuitRules): void {
    const { name: instance, clock, log } = this.#parts;
    if (failure !== undefined) this.#lastCause = this.#told(failure);
    if (state === 'half-open' || (state === 'open' && this.#openSince !== undefined)) {
      log.debug('a store that kept failing is tried', { instance, state });
    } else if (state === 'open') {
      this.#openSince = clock.now();
      log.error('a store keeps failing and is not asked for a while', { instance, failures: after, forMs, cause: this.#lastCause });
      this.#line.sendAway();
    } else {
      log.warn('a store answers again', { instance, afterMs: clock.now() - (this.#openSince ?? clock.now()) });
      this.#openSince = undefined;
    }
  }

  #holdBack(why: string, overloaded = false): Promise<Held> {
    return Promise.resolve({ kind: 'deferred', cause: new HeldBack(`${this.#parts.name} ${why}`, overloaded) });
  }
}
