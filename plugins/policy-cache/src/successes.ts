import { LRUCache } from 'lru-cache';
import { type KeptAccount, weightOf } from './kept-account.js';

/** A login that a store let in. Immutable; those of one user hang together. */
export interface Success extends KeptAccount {
  readonly key: string;
  /** Of the password, whatever the circumstances. */
  readonly proof: string;
  /** When the question was put, in the clock's monotonic milliseconds: what was true then may have changed while it was answered. */
  readonly at: number;
  /** The generation of `account.user`, who may be another than the one who was typed. */
  readonly generation: number;
}

/** Devices, protocols and addresses of one user. */
const mostPerUser = 16;
/** Per write, so that what is too old goes about as fast as new things come. */
const sweptPerWrite = 2;

const weigh = (all: readonly Success[]): number => all.reduce((sum, one) => sum + weightOf(one), 0);

/** The logins that were let in, by user, so that all of a user's can be ended at once. Bounded; what was not used for longest goes. */
export class Successes {
  readonly #users: LRUCache<string, readonly Success[]>;
  readonly #lifeMs: number;

  /** `lifeMs`: after this age nobody asks for one any more. */
  constructor(maxEntries: number, lifeMs: number) {
    this.#users = new LRUCache<string, readonly Success[]>({ max: maxEntries, maxSize: maxEntries });
    this.#lifeMs = lifeMs;
  }

  /** Counts one with long attributes as several. */
  get size(): number {
    return this.#users.calculatedSize;
  }

  find(user: string, key: string): Success | undefined {
    return this.#users.get(user)?.find((one) => one.key === key);
  }

  put(user: string, success: Success): void {
    const { key, at } = success;
    const others = (this.#users.peek(user) ?? []).filter((one) => one.key !== key && at - one.at < this.#lifeMs);
    // A spread would leave room for more in each of a million lists.
    this.#set(user, [success].concat(others.slice(0, mostPerUser - 1)));
    this.#sweep(at);
  }

  /** Those with this proof, or all; answers whether there were any. */
  end(user: string, proof?: string): boolean {
    const all = this.#users.peek(user);
    if (all === undefined) return false;
    const left = proof === undefined ? [] : all.filter((one) => one.proof !== proof);
    if (left.length === all.length) return false;
    this.#set(user, left);
    return true;
  }

  clear(): void {
    this.#users.clear();
  }

  #set(user: string, all: readonly Success[]): void {
    if (all.length === 0) this.#users.delete(user);
    else this.#users.set(user, all, { size: weigh(all) });
  }

  /** What was used last longest ago is probably too old, too. */
  #sweep(now: number): void {
    for (let count = 0; count < sweptPerWrite; count += 1) {
      const [user] = this.#users.rkeys();
      const all = user === undefined ? undefined : this.#users.peek(user);
      if (user === undefined || all?.every(({ at }) => now - at >= this.#lifeMs) !== true) return;
      this.#users.delete(user);
    }
  }
}
