import type { Changes, Clock, Ledger, Log, Stores } from '@postern/contract';
import { digestOf, ownIn, type Captured } from './captures.js';
import type { Meters } from './meters.js';
import { within } from './patience.js';
import { nameIn } from './people.js';

export interface WithdrawalParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: Meters;
  /** Instance name of the new store. */
  readonly into: string;
  /** Milliseconds that the ledger gets. */
  readonly timeoutMs: number;
}

/**
 * What became of it. `gone`: nothing is there any more, or another was first; what that one may have put there is not ours to take away.
 * `foreign`: what is there was not written by us, so that the new store's word counts. `unclear`: ours may still be there.
 */
export type Withdrawn = 'taken' | 'gone' | 'foreign' | 'unclear';

/** Takes captured hashes away again, and nothing else. */
export class Withdrawal {
  readonly #parts: WithdrawalParts;

  constructor(parts: WithdrawalParts) {
    this.#parts = parts;
  }

  /** Never rejects but when `signal` aborts. */
  async take(captured: Captured, login: string, why: 'mismatch' | 'newer', signal: AbortSignal): Promise<Withdrawn> {
    const { meters, log } = this.#parts;
    const became = await this.#try(captured, login, signal);
    switch (became) {
      case 'taken':
        this.#tell(captured.user, why);
        break;
      case 'unclear':
        meters.count('failed');
        log.warn('a captured hash could not be taken away', { why });
        break;
      case 'gone':
        break;
      case 'foreign':
        return became;
    }
    // Also where another was first, or the hash is still there: what it said, right or wrong, is not to be said again from a memory.
    for (const user of new Set([captured.user, login])) this.#parts.changes.announce({ user });
    return became;
  }

  #tell(user: string, why: 'mismatch' | 'newer'): void {
    const { ledger, log, meters, into } = this.#parts;
    ledger.note({ kind: 'withdrawn', user, into, why });
    meters.count('withdrawn');
    log.info('a captured hash was taken away', { why });
  }

  async #try(captured: Captured, login: string, signal: AbortSignal): Promise<Withdrawn> {
    const store = this.#parts.stores.get(this.#parts.into);
    if (store?.kept === undefined || store.withdraw === undefined) return 'unclear';
    try {
      const name = await nameIn(store, { user: captured.user, login }, signal);
      const kept = await store.kept(name, signal);
      if (kept.kind !== 'kept') return kept.kind === 'nothing' ? 'gone' : 'unclear';
      if (ownIn(captured, kept.hash) === undefined) return 'foreign';
      await this.#doubt(captured.user, kept.hash, signal);
      const { kind } = await store.withdraw(name, kept.hash, signal);
      return kind === 'enrolled' ? 'taken' : kind === 'conflict' ? 'gone' : 'unclear';
    } catch {
      signal.throwIfAborted();
      return 'unclear';
    }
  }

  /**
   * Told before it is gone: another process that hears of nobody in the new store, or one that comes after this one was killed, knows then
   * that the old store has to be asked. A ledger that cannot be written is no reason to leave an old password alive.
   */
  async #doubt(user: string, hash: string, signal: AbortSignal): Promise<void> {
    const { clock, ledger, into, timeoutMs } = this.#parts;
    try {
      await within(clock, timeoutMs, signal, (given) => ledger.keep({ kind: 'capturing', user, into, digest: digestOf(hash) }, given));
    } catch {
      signal.throwIfAborted();
    }
  }
}
