import type { Clock, Log, MemberRules, SharedState } from '@postern/contract';
import { dropOldest } from './drop-oldest.js';
import { RankedSets } from './ranked-sets.js';
import { Topics } from './topics.js';

export interface MemoryStateParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Is told what hearers throw. */
  readonly log: Pick<Log, 'error'>;
  /** Values and counters held at most; above it the one that was not used for longest goes. Default 200 000. */
  readonly maxEntries?: number;
  /** Sets held at most; above it one with few members goes. Default 200 000. */
  readonly maxSets?: number;
}

interface Entry {
  readonly value: string;
  /** The clock's monotonic milliseconds. */
  readonly until: number;
}

const defaultMaxEntries = 200_000;
const defaultMaxSets = 200_000;
/** More than one per write, so that what expired goes faster than anything can come in. */
const sweptPerWrite = 2;

/**
 * State of one process. Bounded: whoever can make keys (every login does) must not be able to fill the memory (rule 64). Values and
 * sets have a room each: a spray of one cannot push out the other.
 */
export class MemoryState implements SharedState {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #maxEntries: number;
  /** The one that was not used for longest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #sets: RankedSets;
  readonly #topics: Topics;
  #sweep: IterableIterator<[string, Entry]>;

  constructor({ clock, log, maxEntries = defaultMaxEntries, maxSets = defaultMaxSets }: MemoryStateParts) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
    this.#sets = new RankedSets(maxSets);
    this.#topics = new Topics(log);
    this.#sweep = this.#entries.entries();
  }

  /** Values, counters and sets held now, those that expired and were not swept away yet included. */
  get size(): number {
    return this.#entries.size + this.#sets.size;
  }

  get(key: string): Promise<string | undefined> {
    const entry = this.#live(key);
    if (entry === undefined) return Promise.resolve(undefined);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // An iterator that stands still keeps every table that the map outgrows.
    this.#sweepOne();
    return Promise.resolve(entry.value);
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#keep(key, { value, until: this.#clock.monotonic() + ttlMs });
    return Promise.resolve();
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    const before = this.#live(key);
    const value = Number(before?.value ?? 0) + by;
    if (!Number.isFinite(value)) return Promise.reject(new Error('what is kept under this key is no number'));
    this.#keep(key, { value: String(value), until: before?.until ?? this.#clock.monotonic() + ttlMs });
    return Promise.resolve(value);
  }

  delete(key: string): Promise<void> {
    this.#entries.delete(key);
    this.#sets.delete(key);
    return Promise.resolve();
  }

  note(key: string, member: string, rules: MemberRules): Promise<number> {
    return Promise.resolve(this.#sets.note(key, member, rules, this.#clock.monotonic()));
  }

  forget(key: string, member: string): Promise<void> {
    this.#sets.forget(key, member);
    return Promise.resolve();
  }

  count(keys: readonly string[]): Promise<readonly number[]> {
    const now = this.#clock.monotonic();
    return Promise.resolve(keys.map((key) => this.#sets.count(key, now)));
  }

  publish(topic: string, message: string): Promise<void> {
    this.#topics.tell(topic, message);
    return Promise.resolve();
  }

  subscribe(topic: string, hear: (message: string) => void): () => void {
    return this.#topics.subscribe(topic, hear);
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > this.#clock.monotonic()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #keep(key: string, entry: Entry): void {
    for (let count = 0; count < sweptPerWrite; count++) this.#sweepOne();
    if (!this.#entries.delete(key) && this.#entries.size >= this.#maxEntries) this.#dropSome();
    this.#entries.set(key, entry);
  }

  #sweepOne(): void {
    const next = this.#sweep.next();
    if (next.done === true) this.#sweep = this.#entries.entries();
    else if (next.value[1].until <= this.#clock.monotonic()) this.#entries.delete(next.value[0]);
  }

  #dropSome(): void {
    dropOldest(this.#entries, this.#maxEntries, (key) => this.#entries.delete(key));
  }
}

/** One instance's corner of a state: its keys never meet those of another. */
export const scopedState = (state: SharedState, instance: string): SharedState => {
  // With the length in front no instance's name can be chosen so that its keys look like another's.
  const prefix = `${instance.length}:${instance}:`;
  return {
    get: (key) => state.get(prefix + key),
    set: (key, value, ttlMs) => state.set(prefix + key, value, ttlMs),
    increment: (key, by, ttlMs) => state.increment(prefix + key, by, ttlMs),
    delete: (key) => state.delete(prefix + key),
    note: (key, member, rules) => state.note(prefix + key, member, rules),
    forget: (key, member) => state.forget(prefix + key, member),
    count: (keys) => state.count(keys.map((key) => prefix + key)),
    publish: (topic, message) => state.publish(prefix + topic, message),
    subscribe: (topic, hear) => state.subscribe(prefix + topic, hear),
  };
};
