import type { Lookup, LoginAttempt, NamedStore, Stores, Verdict } from '@postern/contract';
import { isCaptured, type Captured, type Captures, type Standing } from './captures.js';
import { changedAt } from './people.js';
import type { Withdrawal } from './withdrawal.js';

export interface NewerInOldParts {
  readonly stores: Stores;
  readonly captures: Captures;
  readonly withdrawal: Withdrawal;
  /** Instance name of the old store. */
  readonly from: string;
  readonly timeoutMs: number;
  readonly skewMs: number;
}

type Found = Extract<Lookup, { readonly kind: 'found' }>;

/**
 * Whether a password that the new store calls wrong is one that was changed in the old store after it was captured. Only then is the
 * old store asked about it: a wrong password does not reach both.
 */
export class NewerInOld {
  readonly #parts: NewerInOldParts;

  constructor(parts: NewerInOldParts) {
    this.#parts = parts;
  }

  /** Undefined: the rejection stands. Otherwise the old store's own verdict; the captured hash is gone then, if it could be reached. */
  async verdict(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict | undefined> {
    const from = this.#parts.stores.get(this.#parts.from);
    if (from?.lookup === undefined) return undefined;
    const overtaken = await this.#overtaken(attempt.user, from, signal);
    if (overtaken === undefined) return undefined;
    return this.#oldWord(overtaken, attempt, signal);
  }

  /**
   * As `verdict`, of a password that the new store took: it may be the one from before the change. `changed`: when the old store says that
   * the password was changed, in milliseconds since 1970. `names`: all that are known of the user.
   */
  async insteadOf(names: readonly string[], changed: number, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict | undefined> {
    const { captures, skewMs } = this.#parts;
    const standing = await captures.of(names, signal);
    if (!isCaptured(standing) || changed + skewMs <= standing.at) return undefined;
    return this.#oldWord(standing, attempt, signal);
  }

  /** Undefined: the hash that is there is none of ours, and the new store's word counts. */
  async #oldWord(overtaken: Captured, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict | undefined> {
    const { withdrawal, stores, from } = this.#parts;
    if ((await withdrawal.take(overtaken, attempt.user, 'newer', signal)) === 'foreign') return undefined;
    return stores.get(from)?.verify(attempt, signal);
  }

  /** What was captured, if the password was changed after that. */
  async #overtaken(login: string, from: NamedStore, signal: AbortSignal): Promise<Captured | undefined> {
    const { captures, skewMs } = this.#parts;
    const direct = await captures.of([login], signal);
    // What cannot be read now must not make every wrong password a question to the old store.
    if (direct.kind === 'unclear') return undefined;
    const found = await this.#look(login, from, signal);
    if (found === undefined) return undefined;
    const captured = await this.#captured(direct, found, signal);
    const changed = changedAt(found.account);
    if (captured === undefined || changed === undefined || changed + skewMs <= captured.at) return undefined;
    return captured;
  }

  /** The ledger knows people by the old store's name for them, which need not be the login. */
  async #captured(direct: Standing, { account }: Found, signal: AbortSignal): Promise<Captured | undefined> {
    const standing = isCaptured(direct) ? direct : await this.#parts.captures.of([account.user], signal);
    return isCaptured(standing) ? standing : undefined;
  }

  /** An outage of the old store leaves the new one's word as it is. */
  async #look(login: string, from: NamedStore, signal: AbortSignal): Promise<Found | undefined> {
    const found = await from.within(this.#parts.timeoutMs).lookup?.(login, signal);
    return found?.kind === 'found' ? found : undefined;
  }
}
