import { isOfThisLogin, isOverload } from '@postern/contract';
import { OutOfTime } from '../deadline.js';
import { Circuit, type CircuitParts, type CircuitRules, type CircuitState, type Passage } from './circuit.js';
import type { GuardedQuestion, Held, Told } from './guarded-question.js';
import { HeldBack } from './held-back.js';
import { Line } from './line.js';
import { StoreNews, type StoreNewsParts } from './store-news.js';

/** What one store may take of the gateway, so that its fall is not everybody's. */
export interface StoreLimits {
  readonly concurrency: number;
  readonly queue: number;
  /** Milliseconds for one answer; a smaller share of the deadline goes before. Absent: its share. */
  readonly timeoutMs?: number | undefined;
  /** Undefined: it is always asked. */
  readonly breaker: CircuitRules | undefined;
}

export interface StoreGuardParts extends StoreNewsParts {
  readonly limits: StoreLimits;
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
  readonly #news: StoreNews;
  readonly #timeoutMs: number;
  /** When it last answered somebody, on the monotonic clock. */
  #answeredAt = -Infinity;

  constructor(parts: StoreGuardParts) {
    const { limits, clock } = parts;
    this.#parts = parts;
    this.#line = new Line(limits, clock);
    this.#news = new StoreNews(parts);
    this.#timeoutMs = limits.timeoutMs ?? Infinity;
    const { breaker: rules } = limits;
    const changed: CircuitParts['changed'] = (state, failure) => {
      if (rules) this.#news.circuitChanged(state, failure, rules);
      if (state === 'open') this.#line.sendAway();
    };
    this.#circuit = rules && new Circuit({ rules, clock, changed });
  }

  get status(): StoreStatus {
    const status = {
      name: this.#parts.name,
      circuit: this.#circuit?.state ?? 'closed',
      asking: this.#line.inside,
      waiting: this.#line.waiting,
    };
    const { note } = this.#news;
    return note === undefined ? status : { ...status, note };
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
    const over = left <= 0 || question.calledOff();
    if (!over && left > this.#line.usualMs) return this.#put(question, left, 'go');
    this.#line.passOn();
    return over ? Promise.reject(new OutOfTime(0)) : this.#holdBack(tooMany, true);
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
    if (question.aside !== true) this.#news.said(question.attempt, verdict);
    if (question.aside === true) this.#circuit?.undecided(passage);
    else if (verdict.kind !== 'deferred') this.#answered(asked, took);
    else if (isOverload(verdict.cause)) this.#overloaded(passage);
    else if (question.calledOff() || isOfThisLogin(verdict.cause)) this.#circuit?.undecided(passage);
    else this.#failed(asked, took, verdict.cause);
    // Last: if this one opened the circuit, nobody waits any more who would take the place.
    this.#line.leave(took);
  }

  /** By what the store says itself. */
  #overloaded(passage: Passage): void {
    this.#circuit?.undecided(passage);
    this.#tellOverload();
  }

  #tellOverload(): void {
    this.#news.overloaded({ asking: this.#line.inside, waiting: this.#line.waiting });
  }

  #answered(asked: Asked, tookMs: number): void {
    this.#answeredAt = asked.began + tookMs;
    this.#circuit?.succeeded(asked.passage);
    this.#left(asked, tookMs, true);
  }

  /** Whoever fails while others are answered meets no outage: a quick one its own, a slow one too many others. */
  #failed(asked: Asked, tookMs: number, cause: unknown): void {
    const { question, passage, ms, began } = asked;
    if (this.#answeredAt > began) {
      this.#circuit?.undecided(passage);
      this.#left(asked, tookMs, false);
    } else this.#circuit?.failed(passage, { attempt: question.attempt, slow: tookMs >= ms / 2, cause });
  }

  #left({ question, ordinal }: Asked, tookMs: number, served: boolean): void {
    this.#line.learn({ tookMs, ms: this.#timeOf(question), ordinal, served });
  }

  /** Milliseconds for the question, waiting included. */
  #timeOf({ ms }: Pick<GuardedQuestion<Told>, 'ms'>): number {
    return Math.min(ms, this.#timeoutMs);
  }

  #holdBack(why: string, overloaded = false): Promise<Held> {
    if (overloaded) this.#tellOverload();
    return Promise.resolve({ kind: 'deferred', cause: new HeldBack(`${this.#parts.name} ${why}`, overloaded) });
  }
}
