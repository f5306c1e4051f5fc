import { createHash } from 'node:crypto';
import type { Clock, HashNote, Ledger, LedgerEntry, LedgerEvent, Stores } from '@postern/contract';
import { BoundedMap } from './bounded-map.js';
import { within } from './patience.js';
import { lookUp, type Person } from './people.js';

/** A hash that was written by us. */
export interface OwnHash {
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** False: it was about to be written, or taken away, and nobody told what became of it. */
  readonly sure: boolean;
}

/** What the ledger has of somebody's hash in the new store. */
export type Standing =
  /** One of ours is there; `begun`: perhaps. `at`: of the last that is sure, or else that was begun. `user`: as the ledger calls them. */
  | {
      readonly kind: 'captured' | 'begun';
      readonly user: string;
      readonly at: number;
      readonly hashes: readonly OwnHash[];
    }
  | { readonly kind: 'not-captured' }
  /** One of ours was there, and is gone. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'unclear'; readonly cause: unknown };

export type Captured = Extract<Standing, { readonly hashes: unknown }>;

export const isCaptured = (standing: Standing): standing is Captured => standing.kind === 'captured' || standing.kind === 'begun';

/** By this a hash is known again. It is salted, so that the digest says nothing of the password. */
export const digestOf = (hash: string): string => createHash('sha256').update(hash).digest('base64url');

/** Undefined: this hash is none of ours, whatever was captured before. */
export const ownIn = (standing: Standing, hash: string): OwnHash | undefined =>
  isCaptured(standing) ? standing.hashes.findLast(({ digest }) => digest === digestOf(hash)) : undefined;

export interface CapturesParts {
  readonly ledger: Ledger;
  readonly stores: Stores;
  readonly clock: Clock;
  /** Instance names of the old store and the new one. */
  readonly from: string;
  readonly into: string;
  readonly timeoutMs: number;
}

type Memory = Pick<LedgerEntry, 'captured' | 'capturing'>;

const mostRemembered = 50_000;

/** Who was captured: as the ledger has it, and while that cannot be read, as this process has seen it. */
export class Captures {
  readonly #parts: CapturesParts;
  readonly #seen = new BoundedMap<Memory>(mostRemembered);

  constructor(parts: CapturesParts) {
    this.#parts = parts;
  }

  hear(event: LedgerEvent): void {
    const { into, clock } = this.#parts;
    if (!('into' in event) || event.into !== into) return;
    const { captured } = this.#seen.get(event.user) ?? {};
    switch (event.kind) {
      case 'capturing':
        return this.#seen.set(event.user, { ...(captured && { captured }), capturing: { into, at: clock.now(), digest: event.digest } });
      case 'captured':
        return this.#seen.set(event.user, { captured: { into, at: event.since ?? clock.now(), digest: event.digest } });
      case 'capture-failed':
        return event.why === 'conflict' && captured === undefined ? this.#seen.delete(event.user) : undefined;
      case 'withdrawn':
        return this.#seen.delete(event.user);
    }
  }

  /** Rejects only when `signal` aborts. The first name that the ledger knows as captured counts. */
  async of(names: readonly string[], signal: AbortSignal): Promise<Standing> {
    let [withdrawn, unclear]: (Standing | undefined)[] = [];
    for (const user of new Set(names)) {
      const standing = await this.#ofOne(user, signal);
      if (isCaptured(standing)) return standing;
      if (standing.kind === 'withdrawn') withdrawn = standing;
      if (standing.kind === 'unclear') unclear = standing;
    }
    return withdrawn ?? unclear ?? { kind: 'not-captured' };
  }

  /** As `of`. When the ledger knows none of the names, the old store is asked for one more: the ledger goes by its names. */
  async ofPerson(person: Person, signal: AbortSignal): Promise<Standing> {
    const { stores, from, timeoutMs } = this.#parts;
    const direct = await this.of([person.user, person.login], signal);
    const store = stores.get(from);
    if (direct.kind !== 'not-captured' || store?.lookup === undefined) return direct;
    const found = await lookUp(store.within(timeoutMs), person, signal);
    if (found.kind === 'deferred') return { kind: 'unclear', cause: found.cause };
    return found.kind === 'found' ? this.of([found.account.user], signal) : direct;
  }

  async #ofOne(user: string, signal: AbortSignal): Promise<Standing> {
    const { ledger, clock, timeoutMs } = this.#parts;
    try {
      const entry = await within(clock, timeoutMs, signal, (given) => ledger.find(user, given));
      return this.#standing(user, entry) ?? { kind: entry?.withdrawnAt === undefined ? 'not-captured' : 'withdrawn' };
    } catch (cause) {
      signal.throwIfAborted();
      return this.#standing(user, this.#seen.get(user)) ?? { kind: 'unclear', cause };
    }
  }

  #standing(user: string, { captured, capturing }: Memory = {}): Captured | undefined {
    const own = (note: HashNote | undefined, sure: boolean): readonly OwnHash[] =>
      note?.into === this.#parts.into ? [{ digest: note.digest, at: note.at, sure }] : [];
    // The same hash again: it was about to be taken away.
    const doubted = captured !== undefined && captured.digest === capturing?.digest;
    const hashes = [...own(captured, !doubted), ...(doubted ? [] : own(capturing, false))];
    const [first] = hashes;
    return first && { kind: first.sure ? 'captured' : 'begun', user, at: first.at, hashes };
  }
}
