import { isOverload, type Account, type Clock, type Ledger, type Log, type LoginAttempt } from '@postern/contract';
import type { Enroller, Proven } from './enroller.js';
import { Line, type LineRules } from './line.js';
import type { Meters, Outcome } from './meters.js';
import type { Settled } from './settled.js';

export interface EnrollingParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly meters: Meters;
  readonly settled: Settled;
  readonly enroller: Enroller;
  readonly into: string;
  readonly rules: LineRules & { readonly rehash: boolean };
}

/** A login that was let in. */
export interface Login {
  readonly attempt: LoginAttempt;
  /** Counted from the first of this process. */
  readonly order: number;
  /** Milliseconds since 1970. */
  readonly began: number;
}

type Work = 'capture' | 'rehash';

/** Has proven passwords kept, after their logins were answered. */
export class Enrolling {
  readonly #parts: EnrollingParts;
  readonly #line: Line;
  /** Said once, until one succeeds again. */
  #failing = false;

  constructor(parts: EnrollingParts) {
    const { clock, log, meters, rules } = parts;
    this.#parts = parts;
    this.#line = new Line({ clock, log, rules, waiting: (passwords) => meters.waiting(passwords) });
  }

  start(): void {
    this.#line.start();
  }

  stop(signal: AbortSignal): Promise<void> {
    return this.#line.stop(signal);
  }

  /** Waits for nothing. `by`: the store that accepted it. */
  consider(account: Account, by: 'from' | 'into' | 'another', { attempt, order, began }: Login): void {
    const { settled, rules, meters } = this.#parts;
    const work = by === 'from' ? 'capture' : by === 'into' && rules.rehash ? 'rehash' : undefined;
    const { proof } = attempt;
    if (work === undefined || proof.mechanism !== 'plain' || settled.has(account.user, proof.bytes)) return;
    // The bytes are the door's: a copy stays what it is.
    const password = Uint8Array.from(proof.bytes);
    const proven: Proven = { user: account.user, login: attempt.user, account, password, order, began };
    this.#line.put({
      user: account.user,
      order,
      run: (signal) => this.#run(work, proven, signal),
      dropped: () => meters.count('dropped'),
    });
  }

  async #run(work: Work, proven: Proven, signal: AbortSignal): Promise<void> {
    const { enroller, meters } = this.#parts;
    try {
      const outcome = await enroller[work](proven, signal);
      if (outcome === undefined) return;
      meters.count(outcome);
      this.#tell(outcome, proven);
    } catch (cause) {
      // Logins go first: with so many of them, this hash is made another time.
      if (isOverload(cause)) return meters.count('dropped');
      meters.count('failed');
      this.#failed(work, proven, cause);
    }
  }

  #tell(outcome: Outcome, { user }: Proven): void {
    const { ledger, log, into } = this.#parts;
    switch (outcome) {
      case 'captured':
      case 'rehashed':
        if (this.#failing) log.info('hashes can be kept again');
        this.#failing = false;
        return;
      case 'conflict':
        ledger.note({ kind: 'capture-failed', user, into, why: 'conflict' });
        return;
      case 'unfit':
        log.warn('the scheme would not take the whole of a password: it is not kept', { user });
        ledger.note({ kind: 'capture-failed', user, into, why: 'conflict' });
        return;
      case 'dropped':
      case 'failed':
      case 'withdrawn':
        return;
    }
  }

  /** A store that is out fails for everybody: one line says so. */
  #failed(work: Work, { user }: Proven, cause: unknown): void {
    const { ledger, log, into } = this.#parts;
    if (work === 'capture') ledger.note({ kind: 'capture-failed', user, into, why: 'deferred' });
    if (!this.#failing) log.warn('a hash could not be kept; the next login of the user tries again', { cause });
    this.#failing = true;
  }
}
