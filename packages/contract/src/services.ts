import type { Protocol } from './mechanism.js';
import type { Health } from './lifecycle.js';
import type { Routes } from './routes.js';

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
  /** `by` defaults to 1. */
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
  get(name: string): BackendView | undefined;
}

/** Values and counters with an expiry, in this process's memory or shared by all of a deployment. Keys are the plugin's own. */
export interface SharedState {
  get(key: string): Promise<string | undefined>;
  /** `ttlMs`: milliseconds until it is gone, above 0. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Adds `by` and answers the new value; the expiry is set when the key is new. */
  increment(key: string, by: number, ttlMs: number): Promise<number>;
  delete(key: string): Promise<void>;
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
  readonly shared: SharedState;
  readonly files: Files;
  /** The ioredis client, where `redis:` is configured. */
  readonly redis?: unknown;
}
