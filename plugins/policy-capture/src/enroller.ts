import type { Account, Changes, Ledger, Stores } from '@postern/contract';
import { digestOf, isCaptured, ownIn, type Captures, type OwnHash, type Standing } from './captures.js';
import type { HashMaker } from './hash-maker.js';
import { keepingStore, keptBy, Unclear, type KeepingStore } from './keeping-store.js';
import type { Outcome } from './meters.js';
import { changedAt, lookUp, nameIn, type Person } from './people.js';
import type { Settled } from './settled.js';

/** A password that a store has just taken. */
export interface Proven extends Person {
  readonly account: Account;
  readonly password: Uint8Array;
  /** Of the login, counted from the first of this process. */
  readonly order: number;
  /** When the login began, in milliseconds since 1970. */
  readonly began: number;
}

export interface EnrollerParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly changes: Changes;
  readonly captures: Captures;
  readonly settled: Settled;
  readonly from: string;
  readonly into: string;
  readonly hashes: HashMaker;
  readonly rehash: boolean;
  readonly overwrite: boolean;
}

/** One writing to the new store. `previous` as in `PasswordHash`. */
interface Write {
  readonly store: KeepingStore;
  /** What the new store calls the person. */
  readonly name: string;
  readonly previous?: string;
}

type Replacing = Write & Required<Pick<Write, 'previous'>>;

/** Keeps the hashes of proven passwords in the new store, one at a time. Answers what became of it, and why it failed. */
export class Enroller {
  readonly #parts: EnrollerParts;

  constructor(parts: EnrollerParts) {
    this.#parts = parts;
  }

  /** `from` took it: to be kept, unless it is. Undefined: there was nothing to do. Rejects when it cannot tell. */
  async capture(proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    if (this.#parts.settled.overtaken(proven.user, proven.order)) return 'dropped';
    const store = keepingStore(this.#parts.stores, this.#parts.into);
    const name = await nameIn(store, proven, signal);
    const kept = await keptBy(store, name, signal);
    if (kept.kind === 'nothing') return this.#capture({ store, name }, proven, signal);
    const write = { store, name, previous: kept.hash };
    if (await this.#parts.hashes.fits(proven.password, kept.hash, signal)) return this.#fits(write, proven, signal);
    return (await this.#obstacle(kept.hash, proven, signal)) ?? this.#capture(write, proven, signal);
  }

  /** `into` took it: to be kept under a better scheme, where it is under a weaker one. */
  async rehash(proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const store = keepingStore(this.#parts.stores, this.#parts.into);
    const kept = await keptBy(store, proven.user, signal);
    if (kept.kind === 'nothing' || !(await this.#parts.hashes.fits(proven.password, kept.hash, signal))) return undefined;
    if (!this.#parts.hashes.isWeaker(kept.hash)) return this.#settled(proven);
    const standing = await this.#parts.captures.ofPerson(proven, signal);
    return this.#strengthen({ store, name: proven.user, previous: kept.hash }, standing, proven, signal);
  }

  /** Why a hash that does not fit may not be replaced. */
  async #obstacle(hash: string, { user, began }: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const { captures, overwrite } = this.#parts;
    const standing = await captures.of([user], signal);
    const own = ownIn(standing, hash);
    // In another process, perhaps: its login came later and proved a newer password.
    if (own !== undefined) {
      if (own.at >= began) return 'dropped';
      this.#arrived(hash, user, own);
      return undefined;
    }
    if (overwrite) return undefined;
    clear(standing);
    return 'conflict';
  }

  async #fits(write: Replacing, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const standing = await this.#parts.captures.of([proven.user], signal);
    clear(standing);
    // One that was begun has arrived: written by somebody who could not tell of it any more.
    if (ownIn(standing, write.previous)?.sure === false) return this.#captured(write, write.previous, proven);
    if (!this.#parts.rehash || !this.#parts.hashes.isWeaker(write.previous)) return this.#settled(proven);
    return this.#strengthen(write, standing, proven, signal);
  }

  /** What was captured stays captured, since then and under its new hash. What was not does not become so by it. */
  async #strengthen(write: Replacing, standing: Standing, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    clear(standing);
    const hash = await this.#parts.hashes.make(proven.password, signal);
    if (hash === undefined) return 'unfit';
    const own = ownIn(standing, write.previous);
    if (own === undefined || !isCaptured(standing)) {
      const outcome = await this.#write(write, hash, proven, signal);
      if (outcome !== undefined) return outcome;
    } else {
      this.#arrived(write.previous, standing.user, own);
      const outcome = await this.#writeOwn(write, hash, { ...proven, user: standing.user }, signal);
      if (outcome !== undefined) return outcome;
      this.#note(hash, standing.user, own);
    }
    this.#settled(proven);
    return 'rehashed';
  }

  async #capture(write: Write, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const hash = await this.#parts.hashes.make(proven.password, signal);
    if (hash === undefined) return 'unfit';
    const outcome = await this.#writeOwn(write, hash, proven, signal);
    if (outcome === 'conflict') return this.#afterConflict(write, proven, signal);
    if (outcome !== undefined) return outcome;
    const { store, name } = write;
    if (!(await this.#outdated(proven, signal))) return this.#captured(write, hash, proven);
    const takenBack = await store.withdraw(name, hash, signal);
    if (takenBack.kind === 'deferred') throw new Unclear('an outdated hash may still be there', { cause: takenBack.cause });
    // With a conflict, somebody has replaced it already, and has told the ledger of their own.
    return 'dropped';
  }

  /** Two that capture the same password at once are of one mind. */
  async #afterConflict({ store, name }: Write, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const kept = await keptBy(store, name, signal);
    if (kept.kind === 'kept' && (await this.#parts.hashes.fits(proven.password, kept.hash, signal))) return this.#settled(proven);
    return 'conflict';
  }

  /** One that was begun is there, as is seen. Said before another one is begun, or nobody would know it again if that one does not arrive. */
  #arrived(hash: string, user: string, own: OwnHash): void {
    if (!own.sure) this.#note(hash, user, own);
  }

  /** As `#write`, of a hash that is to be known as ours from its first moment on: without that it is not written. */
  async #writeOwn(write: Write, hash: string, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    const { ledger, into, settled } = this.#parts;
    if (settled.overtaken(proven.user, proven.order)) return 'dropped';
    await ledger.keep({ kind: 'capturing', user: proven.user, into, digest: digestOf(hash) }, signal).catch((cause: unknown) => {
      throw new Unclear('the ledger cannot be written', { cause });
    });
    return this.#write(write, hash, proven, signal);
  }

  /** Undefined: it is written. */
  async #write({ store, name, previous }: Write, hash: string, proven: Proven, signal: AbortSignal): Promise<Outcome | undefined> {
    if (this.#parts.settled.overtaken(proven.user, proven.order)) return 'dropped';
    const account = { user: name, attributes: proven.account.attributes };
    const enrolled = await store.enroll(account, { hash, ...(previous === undefined ? {} : { previous }) }, signal);
    if (enrolled.kind === 'deferred') throw new Unclear('the hash may not have been kept', { cause: enrolled.cause });
    return enrolled.kind === 'conflict' ? 'conflict' : undefined;
  }

  /** The password was changed in the old store while its hash was on the way: from now on nobody would notice. */
  async #outdated(proven: Proven, signal: AbortSignal): Promise<boolean> {
    const before = changedAt(proven.account);
    if (before === undefined) return false;
    const found = await lookUp(this.#parts.stores.get(this.#parts.from), proven, signal);
    return found.kind !== 'found' || changedAt(found.account) !== before;
  }

  #captured({ previous }: Write, hash: string, proven: Proven): Outcome {
    this.#note(hash, proven.user);
    // Another password was good until now.
    if (previous !== undefined) this.#parts.changes.announce({ user: proven.user });
    this.#settled(proven);
    return 'captured';
  }

  /** `before`: the hash of the same password that it replaced. */
  #note(hash: string, user: string, before?: OwnHash): void {
    const { ledger, from, into, hashes } = this.#parts;
    const since = before && { since: before.at };
    ledger.note({ kind: 'captured', user, from, into, scheme: hashes.scheme, digest: digestOf(hash), ...since });
  }

  #settled({ user, password, order }: Proven): undefined {
    this.#parts.settled.settle(user, password, order);
  }
}

/** Throws when the ledger cannot tell whose hash it is. */
const clear = (standing: Standing): void => {
  if (standing.kind === 'unclear') throw new Unclear('nobody can tell whose hash it is', { cause: standing.cause });
};
