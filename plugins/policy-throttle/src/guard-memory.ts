import { randomBytes } from 'node:crypto';
import type { Change, SharedState } from '@postern/contract';
import { splitUser } from '@postern/contract';
import { userId } from './place.js';

/** A process that died does not hold its places for longer. Longer than any login takes. */
const pendingMs = 60_000;
const mostPending = 10_000;

export interface Known {
  /** It was wrong. */
  readonly wrong: boolean;
  /** It was asked and nobody knows what became of it; it takes up room already. */
  readonly uncertain: boolean;
  /** Wrong and uncertain ones that went to the stores. */
  readonly spent: number;
}

/** What went to the stores, and what came of it. */
export class GuardMemory {
  readonly #shared: SharedState;
  readonly #lifeMs: number;
  readonly #most: number;

  constructor(shared: SharedState, lifeMs: number, most: number) {
    this.#shared = shared;
    this.#lifeMs = lifeMs;
    this.#most = most;
  }

  /** Takes up room for an attempt whose answer is not known yet; answers how many such there are. */
  hold(user: string, attempt: string): Promise<number> {
    return this.#shared.note(`gp:${user}`, attempt, { ttlMs: pendingMs, most: mostPending });
  }

  release(user: string, attempt: string): Promise<void> {
    return this.#shared.forget(`gp:${user}`, attempt);
  }

  async look(user: string, name: string, digest: string): Promise<Known> {
    const [wrong = 0, uncertain = 0, spent = 0] = await this.#shared.count([
      `gw:${await this.#epoch(user, name)}${user}${digest}`,
      `gu:${user}${digest}`,
      `gs:${user}`,
    ]);
    return { wrong: wrong > 0, uncertain: uncertain > 0, spent };
  }

  async spent(user: string): Promise<number> {
    return (await this.#shared.count([`gs:${user}`]))[0] ?? 0;
  }

  /** Answers how many are spent now. `attempt`: whatever is asked once more counts once more. */
  async wrong(user: string, name: string, digest: string, attempt: string): Promise<number> {
    const rules = { ttlMs: this.#lifeMs, most: this.#most };
    // Spent first: the memory that it was wrong must not end before it does.
    const spent = await this.#shared.note(`gs:${user}`, attempt, rules);
    await Promise.all([this.#shared.note(`gw:${await this.#epoch(user, name)}${user}${digest}`, '1', rules), this.#settle(user, digest)]);
    return spent;
  }

  /** As `wrong`, where it is not remembered that it was. */
  async spend(account: string, digest: string, attempt: string): Promise<number> {
    const spent = await this.#shared.note(`gs:${account}`, attempt, { ttlMs: this.#lifeMs, most: this.#most });
    await this.#settle(account, digest);
    return spent;
  }

  async uncertain(user: string, digest: string): Promise<void> {
    const rules = { ttlMs: this.#lifeMs, most: this.#most };
    await this.#shared.note(`gs:${user}`, digest, rules);
    await this.#shared.note(`gu:${user}${digest}`, '1', rules);
  }

  async right(user: string, digest: string): Promise<void> {
    await this.#settle(user, digest);
  }

  /** What was wrong before a change may be right now. What was spent stays spent. */
  async change(change: Change): Promise<void> {
    await this.#shared.set(epochKey(change), randomBytes(6).toString('base64url'), this.#lifeMs);
  }

  async #settle(user: string, digest: string): Promise<void> {
    await Promise.all([this.#shared.forget(`gs:${user}`, digest), this.#shared.delete(`gu:${user}${digest}`)]);
  }

  async #epoch(user: string, name: string): Promise<string> {
    const { domain } = splitUser(name);
    const keys = [`ge:${user}`, epochKey({ domain }), epochKey({ all: true })];
    return (await Promise.all(keys.map((key) => this.#shared.get(key)))).map((epoch) => `${epoch ?? ''}:`).join('');
  }
}

const epochKey = (change: Change): string => {
  if ('user' in change) return `ge:${userId(change.user)}`;
  return 'domain' in change ? `gd:${userId(change.domain)}` : 'ga';
};
