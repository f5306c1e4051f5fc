import type { Clock, Lookup, LoginAttempt, NamedStore, Stores, Verdict } from '@postern/contract';
import type { Captures, Standing } from './captures.js';
import { within } from './patience.js';
import { changedAt, type Person } from './people.js';
import type { Withdrawal } from './withdrawal.js';

export interface NewerInOldParts {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly captures: Captures;
  readonly withdrawal: Withdrawal;
  /** Instance name of the old store. */
  readonly from: string;
  readonly timeoutMs: number;
  readonly skewMs: number;
}

type Captured = Extract<Standing, { readonly kind: 'captured' }>;
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
    await this.#parts.withdrawal.take(overtaken, 'newer', signal);
    return from.verify(attempt, signal);
  }

  /**
   * As `verdict`, of a password that the new store took: it may be the one from before the change. `changed`: when the old store says that
   * the password was changed, in milliseconds since 1970.
   */
  async insteadOf(person: Person, changed: number, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict | undefined> {
    const { captures, skewMs, stores, from, withdrawal } = this.#parts;
    const standing = await captures.of([person.user, person.login], signal);
    if (standing.kind !== 'captured' || changed + skewMs <= standing.at) return undefined;
    await withdrawal.take({ user: standing.user, login: person.login }, 'newer', signal);
    return stores.get(from)?.verify(attempt, signal);
  }

  /** The person, if the hash that was captured is older than the password. */
  async #overtaken(login: string, from: NamedStore, signal: AbortSignal): Promise<Person | undefined> {
    const { captures, skewMs } = this.#parts;
    const direct = await captures.of([login], signal);
    // What cannot be read now must not make every wrong password a question to the old store.
    if (direct.kind === 'unclear') return undefined;
    const found = await this.#look(login, from, signal);
    if (found === undefined) return undefined;
    const captured = await this.#captured(direct, found, signal);
    const changed = changedAt(found.account);
    if (captured === undefined || changed === undefined || changed + skewMs <= captured.at) return undefined;
    return { user: captured.user, login };
  }

  /** The ledger knows people by the old store's name for them, which need not be the login. */
  async #captured(direct: Standing, { account }: Found, signal: AbortSignal): Promise<Captured | undefined> {
    const standing = direct.kind === 'captured' ? direct : await this.#parts.captures.of([account.user], signal);
    return standing.kind === 'captured' ? standing : undefined;
  }

  /** An outage of the old store leaves the new one's word as it is. */
  async #look(login: string, from: NamedStore, signal: AbortSignal): Promise<Found | undefined> {
    const { clock, timeoutMs } = this.#parts;
    try {
      const found = await within(clock, timeoutMs, signal, (given) => from.lookup?.(login, given) ?? Promise.resolve(undefined));
      return found?.kind === 'found' ? found : undefined;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}
