import { isOfThisLogin } from '@postern/contract';
import type { Failure, Subject } from './circuit.js';

/** Logins in a row, and different users among them, before anything is said: one phone with one broken record is no news. */
const enough = 20;
const enoughUsers = 3;

/** What a store says when it has compared a password with a record. */
const compared: ReadonlySet<string> = new Set(['accepted', 'rejected']);

interface Answered {
  readonly kind: string;
  readonly cause?: unknown;
}

/**
 * Notices a store that answers and yet can judge nobody: hashes of a scheme that is not allowed, records that cannot be read. One such
 * record is that person's trouble (`TroubleOfThisLogin`) and no reason not to ask the store; where every login ends so, the operator
 * must be told.
 */
export class BrokenRecords {
  readonly #tell: (failure: Pick<Failure, 'attempt' | 'cause'>) => string;
  readonly #users = new Set<string>();
  #inARow = 0;
  #trouble: string | undefined;

  /** `tell`: the cause in words, without what must not be told. */
  constructor(tell: (failure: Pick<Failure, 'attempt' | 'cause'>) => string) {
    this.#tell = tell;
  }

  /** Unknown users, outages and the like say nothing of records. */
  note(attempt: Subject, { kind, cause }: Answered): void {
    if (compared.has(kind)) return this.#forget();
    if (kind !== 'deferred' || !isOfThisLogin(cause)) return;
    this.#inARow += 1;
    if (this.#users.size < enoughUsers) this.#users.add(attempt.user);
    // The words alone are kept: the attempt holds a password.
    if (this.#inARow >= enough && this.#users.size >= enoughUsers) this.#trouble = this.#tell({ attempt, cause });
  }

  /** The newest of many in a row; undefined while it is well. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  #forget(): void {
    if (this.#inARow === 0) return;
    this.#inARow = 0;
    this.#trouble = undefined;
    this.#users.clear();
  }
}
