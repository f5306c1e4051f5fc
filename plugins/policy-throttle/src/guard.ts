import { randomBytes } from 'node:crypto';
import type { Ask, Clock, LoginAttempt, SharedState, Changes, Verdict } from '@postern/contract';
import { ownerCalled } from './aliases.js';
import type { Limit } from './config.js';
import { GuardMemory } from './guard-memory.js';
import { accountId, userId } from './place.js';
import { Queue } from './queue.js';
import type { Signs } from './signs.js';
import { isWrong } from './wrong.js';

export interface GuardParts {
  readonly shared: SharedState;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly signs: Signs;
  readonly enforced: boolean;
  /** How long a login waits for others of the same user whose answers are not known yet, in milliseconds. */
  readonly patienceMs: number;
}

export interface Guarded {
  readonly attempt: LoginAttempt;
  /** `Place.id` of the user. */
  readonly user: string;
  readonly digest: string;
  /** The user logged in from that network lately. */
  readonly good: boolean;
}

/** Accounts that a store took one login for, and whether there was room for all of them. */
interface Accounts {
  readonly ids: Set<string>;
  kept: 'room' | 'no-room' | 'over';
}

/** Of four, strangers get three. */
const ownShare = 4;

/**
 * Lets fewer wrong passwords of a user through to the stores than a directory needs to lock the account.
 *
 * A directory counts on as long as the next wrong password comes within its `per`: a chain of one more than `tries` of them is
 * shorter than `per` × `tries`, so `tries` in any such span never lock. Part of them is kept for networks where the user
 * logged in lately, so that nobody else can use up all.
 */
export class Guard {
  readonly #parts: GuardParts;
  readonly #limit: Limit;
  readonly #memory: GuardMemory;
  readonly #queue: Queue;
  /** Attempt ids are unique within a process only. */
  readonly #process = randomBytes(6).toString('base64url');
  #unfollow: (() => void) | undefined;

  constructor(limit: Limit, parts: GuardParts) {
    this.#parts = parts;
    this.#limit = limit;
    this.#memory = new GuardMemory(parts.shared, limit.per * limit.tries, limit.tries * 2);
    this.#queue = new Queue(parts.clock);
  }

  start(): void {
    this.#unfollow ??= this.#parts.changes.follow((change) => {
      this.#memory.change(change).catch((cause: unknown) => this.#parts.signs.failed('a change of accounts was not noted', cause));
    });
  }

  stop(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  async ask(next: Ask, guarded: Guarded, signal: AbortSignal): Promise<Verdict> {
    const answer = await this.#enter(guarded, signal);
    if (answer !== undefined && this.#parts.enforced) return answer.kind === 'limited' ? this.#limited() : answer;
    if (answer?.kind === 'limited') this.#parts.signs.wouldLimit({ by: 'guard', retryAfterMs: 0 });
    const accounts: Accounts = { ids: new Set(), kept: 'room' };
    const mayTry = (account: string): Promise<boolean> => this.#mayTry(account, guarded, accounts, signal);
    try {
      const verdict = await next({ ...guarded.attempt, mayTry }, signal);
      await this.#settle(guarded, verdict, [...accounts.ids]);
      return accounts.kept === 'no-room' && verdict.kind === 'limited' ? this.#limited() : verdict;
    } catch (cause) {
      await this.#uncertain(guarded, [...accounts.ids]);
      throw cause;
    } finally {
      accounts.kept = 'over';
      await this.#leave(guarded, [...accounts.ids]);
    }
  }

  /**
   * Whether a wrong password may go to that account: it counts there under whatever name it comes. Room for it is held. Who asks when the
   * login is over is told no: nobody would count it.
   */
  async #mayTry(account: string, guarded: Guarded, accounts: Accounts, signal: AbortSignal): Promise<boolean> {
    const id = accountId(account);
    if (accounts.ids.has(id)) return true;
    if (accounts.kept === 'over') return false;
    const answer = await this.#enter({ ...guarded, user: id }, signal);
    if (answer !== undefined && this.#parts.enforced) {
      accounts.kept = 'no-room';
      return false;
    }
    if (answer !== undefined) this.#parts.signs.wouldLimit({ by: 'guard', retryAfterMs: 0 });
    accounts.ids.add(id);
    return true;
  }

  async #leave({ user, attempt }: Guarded, accounts: readonly string[]): Promise<void> {
    for (const place of [user, ...accounts]) {
      await this.#memory.release(place, this.#idOf(attempt));
      this.#queue.wake(place);
    }
  }

  /** Whether a new password of this user would be kept away. */
  async usedUp({ user, good }: Pick<Guarded, 'user' | 'good'>): Promise<boolean> {
    return (await this.#memory.spent(user)) >= this.#share(good);
  }

  /** Undefined: ask the stores; room is held. */
  async #enter({ attempt, user, digest, good }: Guarded, signal: AbortSignal): Promise<Verdict | undefined> {
    const end = this.#parts.clock.monotonic() + this.#parts.patienceMs;
    const id = this.#idOf(attempt);
    for (;;) {
      // Each attempt by itself: to a directory, one wrong password sent four times at once is four.
      const pending = await this.#memory.hold(user, id);
      const { wrong, uncertain, spent } = await this.#memory.look(user, attempt.user, digest);
      const own = uncertain && pending === 1 ? 1 : 0;
      if (!wrong && pending + spent - own <= this.#share(good)) return undefined;
      await this.#memory.release(user, id);
      if (wrong) return { kind: 'rejected' };
      const hopeless = spent - own >= this.#share(good) || !this.#parts.enforced || this.#parts.clock.monotonic() >= end;
      if (hopeless || !(await this.#queue.wait(user, signal))) return { kind: 'limited' };
    }
  }

  #limited(): Verdict {
    return this.#parts.signs.limited({ by: 'guard', retryAfterMs: this.#limit.per });
  }

  async #settle(guarded: Guarded, verdict: Verdict, accounts: readonly string[]): Promise<void> {
    // Without a proof that held it was not looked at: it may have been counted, and be right once the account is open again.
    if (verdict.kind === 'deferred' || (verdict.kind === 'refused' && !verdict.proofHeld)) return this.#uncertain(guarded, accounts);
    if (isWrong(verdict)) return this.#wrong(guarded, verdict, accounts);
    if (verdict.kind !== 'accepted' && verdict.kind !== 'refused') return;
    for (const place of [guarded.user, ...accounts]) await this.#memory.right(place, guarded.digest);
  }

  async #wrong({ attempt, user, digest, good }: Guarded, verdict: Verdict, accounts: readonly string[]): Promise<void> {
    const told = verdict.kind === 'rejected' ? verdict.user : undefined;
    const owner = told === undefined ? user : userId(ownerCalled(told, attempt.user));
    const id = this.#idOf(attempt);
    let spent = await this.#memory.wrong(owner, attempt.user, digest, id);
    for (const account of accounts) spent = Math.max(spent, await this.#memory.spend(account, digest, id));
    if (spent === this.#share(good)) this.#parts.signs.guarded(attempt.user, spent);
  }

  async #uncertain({ user, digest }: Guarded, accounts: readonly string[]): Promise<void> {
    for (const place of [user, ...accounts]) await this.#memory.uncertain(place, digest);
  }

  #idOf({ id }: LoginAttempt): string {
    return `${this.#process}${id}`;
  }

  #share(good: boolean): number {
    return good ? this.#limit.tries : this.#limit.tries - Math.max(1, Math.floor(this.#limit.tries / ownShare));
  }
}
