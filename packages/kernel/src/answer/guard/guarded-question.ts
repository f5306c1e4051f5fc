import type { Subject } from './circuit.js';
import type { HeldBack } from './held-back.js';

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
