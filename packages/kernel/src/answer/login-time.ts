import type { Clock } from '@postern/contract';
import { Moments } from './deadline.js';
import { Journal, type Question } from './journal.js';

/** Stores are cut off a little before the deadline, so that policies and routers can still act on their silence. */
const storesShare = 0.9;
const slicesPerDeadline = 64;

/** How long one question may take, and how that time is shared out. */
export class LoginTime {
  readonly moments: Moments;
  readonly #clock: Clock;
  readonly #deadlineMs: number;

  /** `deadlineMs`: milliseconds for a whole answer. */
  constructor(clock: Clock, deadlineMs: number) {
    this.moments = new Moments(clock, deadlineMs / slicesPerDeadline);
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /** The journal of a question whose time begins now. `given`: the signal of whoever asks, in place of the deadline's. */
  journal(question: Question, given?: AbortSignal): Journal {
    const startedAt = this.#clock.monotonic();
    const signal = given ?? this.moments.signalAt(startedAt + this.#deadlineMs);
    return new Journal({ question, signal, startedAt, storesEnd: startedAt + this.#deadlineMs * storesShare, clock: this.#clock });
  }
}
