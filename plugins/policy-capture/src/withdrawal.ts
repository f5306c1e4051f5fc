import type { Changes, Ledger, Log, Stores } from '@postern/contract';
import type { Meters } from './meters.js';
import { nameIn, type Person } from './people.js';

export interface WithdrawalParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly log: Log;
  readonly meters: Meters;
  /** Instance name of the new store. */
  readonly into: string;
}

/** Takes captured hashes away again. Whether a hash is ours is for the caller to know. */
export class Withdrawal {
  readonly #parts: WithdrawalParts;

  constructor(parts: WithdrawalParts) {
    this.#parts = parts;
  }

  /** False: the hash of an old password may still be there. Never rejects but when `signal` aborts. */
  async take(person: Person, why: 'mismatch' | 'newer', signal: AbortSignal): Promise<boolean> {
    const { changes, log, meters } = this.#parts;
    const became = await this.#try(person, signal);
    // Also where another was first, or the hash is still there: what it said, right or wrong, is not to be said again from a memory.
    for (const user of new Set([person.user, person.login])) changes.announce({ user });
    switch (became) {
      case 'taken':
        this.#tell(person, why);
        return true;
      case 'gone':
        return true;
      case 'unclear':
        meters.count('failed');
        log.warn('a captured hash could not be taken away', { why });
        return false;
    }
  }

  #tell(person: Person, why: 'mismatch' | 'newer'): void {
    const { ledger, log, meters, into } = this.#parts;
    ledger.note({ kind: 'withdrawn', user: person.user, into, why });
    meters.count('withdrawn');
    log.info('a captured hash was taken away', { why });
  }

  /** `gone`: another was first. What he may have put there is not ours to take away. */
  async #try(person: Person, signal: AbortSignal): Promise<'taken' | 'gone' | 'unclear'> {
    const store = this.#parts.stores.get(this.#parts.into);
    if (store?.kept === undefined || store.withdraw === undefined) return 'unclear';
    try {
      const name = await nameIn(store, person, signal);
      const kept = await store.kept(name, signal);
      if (kept.kind !== 'kept') return kept.kind === 'nothing' ? 'gone' : 'unclear';
      const { kind } = await store.withdraw(name, kept.hash, signal);
      return kind === 'enrolled' ? 'taken' : kind === 'conflict' ? 'gone' : 'unclear';
    } catch {
      signal.throwIfAborted();
      return 'unclear';
    }
  }
}
