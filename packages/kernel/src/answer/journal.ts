import type { Account, BackendRef, Clock, LoginAttempt, Verdict } from '@postern/contract';
import type { Stage, Step } from './step.js';

/** What one store said to the attempt. */
export interface StoreAnswer {
  readonly store: string;
  readonly verdict: Verdict;
  /** Milliseconds. */
  readonly ms: number;
}

/** Whether stores are asked for the proof or only who somebody is. */
export type Question = 'verify' | 'lookup';

/**
 * What is known of one attempt while it is being answered. Policies hand copies of an attempt around, but its `id` stays, so the
 * pipeline finds the journal by that.
 */
export class Journal {
  readonly question: Question;
  /** Given to policies and routers; aborted when the attempt's time is over. */
  readonly signal: AbortSignal;
  /** When the stores must be done, in the clock's monotonic milliseconds. */
  readonly storesEnd: number;
  readonly startedAt: number;
  /** There once the attempt has a canonical user. */
  attempt: LoginAttempt | undefined;
  /** There once the attempt was accepted. */
  account: Account | undefined;
  /** Where the routers said the account lives, best first. */
  backends: readonly BackendRef[] | undefined;
  /** The verdict on its way out through the policies. */
  passing: Verdict | undefined;
  /** Whether the attempt came as far as the stores: from then on an answer may say something of an account. */
  storesAsked = false;
  /** Who is being waited for. */
  waitingFor: { readonly stage: Stage; readonly instance: string } | undefined;
  readonly #clock: Clock;
  readonly #steps: Step[] = [];
  readonly #answers: StoreAnswer[] = [];
  #closed = false;

  constructor(parts: { question: Question; signal: AbortSignal; startedAt: number; storesEnd: number; clock: Clock }) {
    this.question = parts.question;
    this.signal = parts.signal;
    this.startedAt = parts.startedAt;
    this.storesEnd = parts.storesEnd;
    this.#clock = parts.clock;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** What the stores said, in the order of asking. Verdicts may hold secrets: not for logs. */
  get answers(): readonly StoreAnswer[] {
    return this.#answers;
  }

  /** True once the attempt is answered: nothing that comes later counts. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** The clock's monotonic milliseconds. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** A store's answer. */
  hear(store: string, verdict: Verdict, startedAt: number, detail?: string): void {
    if (this.#closed) return;
    const ms = this.#clock.monotonic() - startedAt;
    this.#steps.push({ stage: 'store', instance: store, outcome: verdict.kind, ms, detail });
    this.#answers.push({ store, verdict, ms });
  }

  add(stage: Stage, outcome: string, startedAt: number, instance?: string, detail?: string): void {
    if (this.#closed) return;
    this.#steps.push({ stage, instance, outcome, ms: this.#clock.monotonic() - startedAt, detail });
  }
}
