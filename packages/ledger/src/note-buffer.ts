import { splitUser, type LedgerEvent } from '@postern/contract';
import { storedName } from './stored-name.js';
import { added, dayOf, keyOf, tallyOf, unknownDomain, type Tally } from './tally.js';
import { classOf, UserNotes } from './user-notes.js';

/** What is written together. It stays as it is until it is written: after an outage it may have been already. */
export interface Batch {
  /** Counts up within one process. */
  readonly number: number;
  /** By the name as it is kept. */
  readonly users: ReadonlyMap<string, UserNotes>;
  readonly tallies: readonly Tally[];
}

export interface BufferLimits {
  /** Users, and counters apart from them, that wait to be written at most. */
  readonly most: number;
  /** Of both, in one batch. */
  readonly batch: number;
}

const mostDomains = 10_000;

/** What waits to be written: of each user what is newest, and of each counter how much to add. The oldest go when it is full. */
export class NoteBuffer {
  readonly #limits: BufferLimits;
  #users = new Map<string, UserNotes>();
  #tallies = new Map<string, Tally>();
  /** Domains somebody was let in from: names that only failed logins bring must not fill the book. */
  readonly #domains = new Set<string>();
  #events = 0;
  #dropped = 0;
  #unfit = 0;
  #batches = 0;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** Events noted since the last batch was taken. */
  get events(): number {
    return this.#events;
  }

  /** Users and counters that wait. */
  get size(): number {
    return this.#users.size + this.#tallies.size;
  }

  /** Users and counters that had to go unwritten, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events about names that cannot be kept, since the start. */
  get unfit(): number {
    return this.#unfit;
  }

  note(event: LedgerEvent, at: number): void {
    const user = userOf(event);
    const name = storedName(user);
    if (name === undefined) {
      this.#unfit += 1;
      return;
    }
    this.#events += 1;
    const known = isOfKnownUser(event);
    const tally = tallyOf(event, dayOf(at), this.#domainOf(user, known));
    if (tally !== undefined) this.#count(tally);
    if (known) this.#take(name, event, at);
  }

  /** What waits to be written of a user. */
  find(name: string): UserNotes | undefined {
    return this.#users.get(name);
  }

  /** Takes out the oldest; undefined when nothing waits. */
  take(): Batch | undefined {
    if (this.size === 0) return undefined;
    const users = new Map([...this.#users].slice(0, this.#limits.batch).sort(byKey));
    for (const name of users.keys()) this.#users.delete(name);
    const tallies = [...this.#tallies].slice(0, Math.max(0, this.#limits.batch - users.size)).sort(byKey);
    for (const [key] of tallies) this.#tallies.delete(key);
    this.#events = 0;
    this.#batches += 1;
    return { number: this.#batches, users, tallies: tallies.map(([, tally]) => tally) };
  }

  #take(name: string, event: LedgerEvent, at: number): void {
    const notes = this.#users.get(name) ?? new UserNotes(at);
    notes.take(event, at);
    // Put behind all others: the one that nothing was noted of for the longest time goes first.
    this.#users.delete(name);
    this.#users.set(name, notes);
    this.#dropped += dropOldest(this.#users, this.#limits.most);
  }

  #count(tally: Tally): void {
    const key = keyOf(tally);
    const before = this.#tallies.get(key);
    this.#tallies.set(key, before === undefined ? tally : added(before, tally));
    this.#dropped += dropOldest(this.#tallies, this.#limits.most);
  }

  #domainOf(user: string, known: boolean): string {
    const domain = storedName(splitUser(user).domain);
    if (domain === '') return '';
    if (domain === undefined || domain.length > 255) return unknownDomain;
    if (known && this.#domains.size < mostDomains) this.#domains.add(domain);
    return this.#domains.has(domain) ? domain : unknownDomain;
  }
}

/** Canonical. */
export const userOf = (event: LedgerEvent): string => (event.kind === 'compared' ? event.comparison.user : event.user);

/** Whoever types names gets no line in the book by it: only what a store knows does. */
const isOfKnownUser = (event: LedgerEvent): boolean => {
  switch (event.kind) {
    case 'answered':
      return event.outcome === 'accepted';
    case 'compared':
      return classOf(event.comparison.kind) !== undefined;
    case 'capturing':
    case 'captured':
    case 'capture-failed':
    case 'withdrawn':
    case 'disabled':
    case 'enabled':
      return true;
  }
};

const dropOldest = (map: Map<string, unknown>, most: number): number => {
  let dropped = 0;
  for (const key of map.keys()) {
    if (map.size <= most) break;
    map.delete(key);
    dropped += 1;
  }
  return dropped;
};

/** The same order in every process: two that write the same rows at once do not wait for each other in a circle. */
const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => (one < other ? -1 : 1);
