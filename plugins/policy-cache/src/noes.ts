import type { Verdict } from '@postern/contract';
import { LRUCache } from 'lru-cache';

export type No = Extract<Verdict, { readonly kind: 'rejected' | 'unknown-user' | 'refused' }>;

interface Entry {
  readonly no: No;
  /** The clock's monotonic milliseconds. */
  readonly until: number;
  /** Of the account that the no is about, where that is told. */
  readonly generation: number;
}

const rejected: No = Object.freeze({ kind: 'rejected' });
const unknownUser: No = Object.freeze({ kind: 'unknown-user' });

/** Nothing of a store's own; one object for all that are alike. */
const copyOf = (no: No): No => {
  switch (no.kind) {
    case 'rejected':
      return no.user === undefined ? rejected : Object.freeze({ kind: 'rejected', user: no.user });
    case 'unknown-user':
      return unknownUser;
    case 'refused':
      return Object.freeze({ ...no });
  }
};

/** Whose account a no is about, where a store knows the login for another name of it. */
export const ownerTold = (no: No): string | undefined => (no.kind === 'rejected' ? no.user : undefined);

/**
 * What stores said no to, by key. Apart from the successes, so that somebody who tries many passwords pushes none of those out. Bounded;
 * what was not used for longest goes.
 */
export class Noes {
  readonly #entries: LRUCache<string, Entry>;

  constructor(maxEntries: number) {
    this.#entries = new LRUCache<string, Entry>({ max: maxEntries });
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string, now: number, generationOf: (user: string) => number): No | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const owner = ownerTold(entry.no);
    if (entry.until > now && (owner === undefined || generationOf(owner) === entry.generation)) return entry.no;
    this.#entries.delete(key);
    return undefined;
  }

  put(key: string, no: No, until: number, generation: number): void {
    this.#entries.set(key, { no: copyOf(no), until, generation });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
