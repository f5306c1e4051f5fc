import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account, Change, Services } from '@postern/contract';
import { z } from 'zod';

const remembered = z.object({ mark: z.string(), at: z.number(), attributes: z.record(z.string(), z.string()) });

export interface MemoryRules {
  readonly pepper: string;
  /** Milliseconds. */
  readonly ttlMs: number;
}

type Parts = Pick<Services, 'shared' | 'changes' | 'clock'>;

/** Accepted tokens for a short while, in the state that all processes share. Holds no token, only a mark that nobody can make without the pepper. */
export class Memory {
  readonly #parts: Parts;
  readonly #rules: MemoryRules;
  /** When something last changed, by `user`, `@domain` or `*`: what is older does not count. */
  readonly #changed = new Map<string, number>();
  #unfollow: (() => void) | undefined;

  constructor(parts: Parts, rules: MemoryRules) {
    this.#parts = parts;
    this.#rules = rules;
  }

  open(): void {
    this.#unfollow ??= this.#parts.changes.follow((change) => this.#forget(change));
  }

  close(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  async find(user: string, token: string): Promise<Account | undefined> {
    const text = await this.#parts.shared.get(user);
    if (text === undefined) return undefined;
    const { mark, at, attributes } = remembered.parse(JSON.parse(text));
    if (at <= this.#changedAt(user) || !same(mark, this.#mark(user, token))) return undefined;
    return { user, attributes };
  }

  /** `askedAt`: when the service was asked, so that a change meanwhile is not missed. */
  async keep({ user, attributes }: Account, token: string, askedAt: number): Promise<void> {
    const value = JSON.stringify({ mark: this.#mark(user, token), at: askedAt, attributes });
    await this.#parts.shared.set(user, value, this.#rules.ttlMs);
  }

  #mark(user: string, token: string): string {
    return createHmac('sha256', this.#rules.pepper)
      .update(JSON.stringify([user, token]))
      .digest('base64url');
  }

  #changedAt(user: string): number {
    const domain = user.slice(user.lastIndexOf('@'));
    return Math.max(...[user, domain, '*'].map((key) => this.#changed.get(key) ?? -Infinity));
  }

  #forget(change: Change): void {
    const now = this.#parts.clock.now();
    for (const [key, at] of this.#changed) if (at < now - this.#rules.ttlMs) this.#changed.delete(key);
    if ('user' in change) this.#changed.set(change.user, now);
    else this.#changed.set('domain' in change ? `@${change.domain}` : '*', now);
  }
}

const same = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
