import { type Clock, isOfThisLogin, isOverload, type Log } from '@postern/contract';
import { causeText } from '../cause.js';
import { OutOfTime } from '../deadline.js';
import { BrokenRecords } from './broken-records.js';
import { Circuit, type CircuitRules, type CircuitState, type Failure, type Passage, type Subject } from './circuit.js';
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

/** What a store can be asked for has many answers; that it cannot tell is one of each. */
export interface Told {
  readonly kind: string;
  readonly cause?: unknown;
}

/** What the guard itself says. */
export interface Held {
  readonly kind: 'deferred';
  readonly cause: HeldBack;
}

export interface GuardedQuestion<A extends Told> {
  readonly attempt: Subject;
  /** Its share of the deadline, in milliseconds. */
  readonly ms: number;
  /** Whether another store is asked if this one cannot tell: then nobody is kept waiting for a trial. */
  readonly othersFollow: boolean;
  /** Puts it to the store; settles within `ms` milliseconds. */
  put(ms: number): Promise<A>;
  /** Whether the asker went away before the time was over: what came of it says nothing of the store. */
  calledOff(): boolean;
  /**
   * True: that it fails says nothing of logins (a database that may be read and not written), so it neither opens the circuit nor tries
   * the store for all.
   */
  readonly aside?: boolean;
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

/** Stands before one store: so many questions at once, so many waiting, none while it is down. */
export class StoreGuard {
  readonly #parts: StoreGuardParts;
  readonly #line: Line;
  readonly #circuit: Circuit | undefined;
  readonly #records = new BrokenRecords((failure) => this.#told(failure));
  readonly #timeoutMs: number;
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
    const ms = Math.min(question.ms, this.#timeoutMs);
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
        return this.#holdBack('has so many logins before this one that its time is over', true);
      case 'in':
        return this.#inTurn(question, ms - (clock.monotonic() - began));
    }
  }

  #inTurn<A extends Told>(question: GuardedQuestion<A>, left: number): Promise<A> {
    if (left > 0 && !question.calledOff()) return this.#put(question, left, 'go');
    this.#line.leave(0);
    return Promise.reject(new OutOfTime(0));
  }

  #put<A extends Told>(question: GuardedQuestion<A>, ms: number, passage: Passage): Promise<A> {
    const began = this.#parts.clock.monotonic();
    // What it throws at once is a rejection, too: or the place would never be given back.
    const answer = new Promise<A>((resolve) => resolve(question.put(ms)));
    answer.then(
      (verdict) => this.#judge(question, passage, ms, began, verdict),
      (cause: unknown) => this.#judge(question, passage, ms, began, { kind: 'deferred', cause }),
    );
    return answer;
  }

  #judge(question: GuardedQuestion<Told>, passage: Passage, ms: number, began: number, verdict: Told): void {
    const took = this.#parts.clock.monotonic() - began;
    if (question.aside !== true) this.#records.note(question.attempt, verdict);
    if (question.aside === true) this.#circuit?.undecided(passage);
    else if (verdict.kind !== 'deferred') this.#circuit?.succeeded(passage);
    else if (question.calledOff() || isOverload(verdict.cause) || isOfThisLogin(verdict.cause)) this.#circuit?.undecided(passage);
    else this.#circuit?.failed(passage, { attempt: question.attempt, slow: took >= ms / 2, cause: verdict.cause });
    // Last: if this one opened the circuit, nobody waits any more who would take the place.
    this.#line.leave(took);
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
