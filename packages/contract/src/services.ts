import type { Ledger } from './ledger.js';
import type { Protocol } from './mechanism.js';
import type { Health } from './lifecycle.js';
import type { Routes } from './routes.js';
import type { Stores } from './stores.js';

export type LogFields = Readonly<Record<string, unknown>>;

/** A logger already tagged with the instance's name. Fields called like secrets are redacted; do not rely on it. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Time, handed in so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds from a fixed but unknown moment; never goes back. */
  monotonic(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function calls it off. The timer keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** `by`: 0 or more; default 1. */
  inc(labels?: Labels, by?: number): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  /** `seconds`, as Prometheus wants it. */
  observe(seconds: number, labels?: Labels): void;
}

export interface MetricOptions {
  /** Letters, digits and `_`; the host puts `postern_` before it and adds the label `instance`. */
  readonly name: string;
  readonly help: string;
  /** Label names; values must come from small closed sets, never from clients. */
  readonly labels?: readonly string[];
}

/** Asking again for a metric of the same name gives the same one; throws when it is of another kind or has other labels. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  /** `buckets`: upper bounds in seconds, ascending. */
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): Histogram;
}

/** What a router may see of a declared backend. */
export interface BackendView {
  readonly name: string;
  /** Relative share, above 0; default 1. */
  readonly weight: number;
  /** As the operator set it. `drain`: gets nobody who can be placed elsewhere. */
  readonly state: 'up' | 'drain' | 'down';
  /** Whether it answers for this protocol as far as the health checks know. */
  healthy(protocol: Protocol): boolean;
}

/** The declared backends, read only, in the order of the config. */
export interface Backends {
  list(): readonly BackendView[];
  /** Undefined: none of that name is declared. */
  get(name: string): BackendView | undefined;
}

/** How long a member of a set lives, and how many the set may hold. */
export interface MemberRules {
  /** Milliseconds from the moment the member was first noted, above 0. Noting it again does not lengthen its life. */
  readonly ttlMs: number;
  /** At most this many members are kept; the oldest goes. 1 to 10 000. */
  readonly most: number;
}

/**
 * Values, counters and sets with an expiry, in this process's memory or shared by all of a deployment. Keys are the plugin's own: an
 * instance never meets the keys of another, and the same instance of every process of the deployment meets its own.
 *
 * Bounded in memory. When the shared place is out of reach the host answers from this process's own memory and says so in `/readyz`, so
 * none of these rejects because of an outage.
 */
export interface SharedState {
  /** Undefined: it was never set, or its time is over. */
  get(key: string): Promise<string | undefined>;
  /** `ttlMs`: milliseconds until it is gone, above 0. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /**
   * Adds `by` (0 when the key is new) and answers the new value. `ttlMs`: milliseconds until it is gone, above 0; counts from the first
   * time only. Rejects when what stands there is no number.
   */
  increment(key: string, by: number, ttlMs: number): Promise<number>;
  /** Takes away a value, a counter or a set. */
  delete(key: string): Promise<void>;
  /** Puts `member` into the set at `key` and answers how many different members live in it now: a sliding window of distinct things. */
  note(key: string, member: string, rules: MemberRules): Promise<number>;
  /** Takes a member out of a set. Neither the set nor the member need be there. */
  forget(key: string, member: string): Promise<void>;
  /** How many members live in each of the sets, in one round trip. A set that is not there has 0. */
  count(keys: readonly string[]): Promise<readonly number[]>;
  /** Tells the same instance in every process of the deployment, this one too. At most once: who is not there does not hear it. */
  publish(topic: string, message: string): Promise<void>;
  /** The returned function ends it. */
  subscribe(topic: string, hear: (message: string) => void): () => void;
}

/** Whose stored password, attributes or state changed. Users are canonical. */
export type Change = { readonly user: string } | { readonly domain: string } | { readonly all: true };

/**
 * What may no longer be true about accounts, told to all instances in every process of the deployment: a store that hears of a new
 * password announces it, and what remembers answers follows it. The operator's `cache/flush` arrives here, too.
 */
export interface Changes {
  /** Never rejects and waits for nobody. */
  announce(change: Change): void;
  /** The returned function ends it. */
  follow(hear: (change: Change) => void): () => void;
}

/**
 * A file that is read at `start`, read again when it changes, and whose last good content stays when the new one
 * cannot be read or parsed (reported in the log and in `health`).
 */
export interface FollowedFile<T> {
  /** Reads and parses; throws what reading or parsing threw, so that a first bad file is visible at once. */
  start(): Promise<void>;
  /** The last good content; undefined until one was read. */
  readonly current: T | undefined;
  health(): Health;
  stop(): Promise<void>;
}

export interface Files {
  /** `path` is absolute. `parse` may take its time but should not hold the event loop for more than some milliseconds at once. */
  follow<T>(path: string, parse: (content: Uint8Array) => T | Promise<T>): FollowedFile<T>;
}

/** All that a plugin is handed. */
export interface Services {
  /** The instance's name: `as`, or the value of `use`. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly backends: Backends;
  /** Answers once every instance is made: not yet within `create`. */
  readonly routes: Routes;
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly shared: SharedState;
  readonly changes: Changes;
  readonly files: Files;
  /** The ioredis client, where `redis:` is configured. */
  readonly redis?: unknown;
}
