import type { Counter, Gauge, Metrics } from '@postern/contract';

/** What became of one password that might have been kept. */
export type Outcome =
  | 'captured'
  /** Replaced a weaker hash of the same password. */
  | 'rehashed'
  /** The new store holds another password, and it is not for us to replace. */
  | 'conflict'
  /** A store or the ledger could not tell. The next login tries again. */
  | 'failed'
  /** A captured hash was taken away. */
  | 'withdrawn'
  /** No room, or overtaken by a later login. */
  | 'dropped'
  /** The scheme would not take the whole password. */
  | 'unfit';

/** Why a login got another answer than the stores of the chain gave. */
export type Turned = 'disabled' | 'outage' | 'newer';

/** What the operator sees of the capture. */
export class Meters {
  readonly #outcomes: Counter;
  readonly #turned: Counter;
  readonly #waiting: Gauge;

  constructor(metrics: Metrics) {
    this.#outcomes = metrics.counter({
      name: 'capture_total',
      help: 'Passwords by what became of them: captured, rehashed, conflict, failed, withdrawn, dropped, unfit.',
      labels: ['outcome'],
    });
    this.#turned = metrics.counter({
      name: 'capture_answers_total',
      help: 'Logins that got another answer than the chain gave, by why: disabled, outage, newer.',
      labels: ['why'],
    });
    this.#waiting = metrics.gauge({ name: 'capture_waiting', help: 'Passwords that wait for their hash.' });
  }

  count(outcome: Outcome): void {
    this.#outcomes.inc({ outcome });
  }

  turned(why: Turned): void {
    this.#turned.inc({ why });
  }

  waiting(passwords: number): void {
    this.#waiting.set(passwords);
  }
}
