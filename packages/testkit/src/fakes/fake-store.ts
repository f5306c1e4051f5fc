import {
  mechanisms,
  type CredentialStore,
  type Health,
  type Lookup,
  type LoginAttempt,
  type Mechanism,
  type Verdict,
} from '@postern/contract';
import { actFor, perform, type Script } from './act.js';

export interface FakeStoreOptions {
  /** Default: all. */
  readonly mechanisms?: readonly Mechanism[];
  /** Default: true. */
  readonly knowsUsers?: boolean;
  /** Absent: the store has no `lookup`. */
  readonly lookup?: Script<string, Lookup>;
  readonly start?: Script<undefined, undefined>;
  readonly stop?: Script<undefined, undefined>;
  readonly health?: Script<undefined, Health>;
}

/** A store that does what its script says and remembers what it was asked. */
export interface FakeStore extends CredentialStore {
  readonly asked: readonly LoginAttempt[];
  /** The signal of each question. */
  readonly signals: readonly AbortSignal[];
  /** Users that `lookup` was asked about. */
  readonly lookedUp: readonly string[];
  /** How often `start` and `stop` were called. */
  readonly starts: number;
  readonly stops: number;
  start(signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  health(signal: AbortSignal): Promise<Health>;
}

/** `script`: for `verify`. */
export const fakeStore = (script: Script<LoginAttempt, Verdict>, options: FakeStoreOptions = {}): FakeStore => {
  const store = new ScriptedStore(script, options);
  return options.lookup === undefined ? store : Object.assign(store, { lookup: store.answerLookup.bind(store, options.lookup) });
};

class ScriptedStore implements FakeStore {
  readonly abilities;
  readonly asked: LoginAttempt[] = [];
  readonly signals: AbortSignal[] = [];
  readonly lookedUp: string[] = [];
  starts = 0;
  stops = 0;
  readonly #script: Script<LoginAttempt, Verdict>;
  readonly #options: FakeStoreOptions;

  constructor(script: Script<LoginAttempt, Verdict>, options: FakeStoreOptions) {
    this.#script = script;
    this.#options = options;
    this.abilities = { mechanisms: options.mechanisms ?? mechanisms, knowsUsers: options.knowsUsers ?? true };
  }

  verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    this.asked.push(attempt);
    this.signals.push(signal);
    return perform(actFor(this.#script, attempt, this.asked.length - 1), signal);
  }

  answerLookup(script: Script<string, Lookup>, user: string, signal: AbortSignal): Promise<Lookup> {
    this.lookedUp.push(user);
    return perform(actFor(script, user, this.lookedUp.length - 1), signal);
  }

  async start(signal: AbortSignal): Promise<void> {
    this.starts += 1;
    if (this.#options.start !== undefined) await perform(actFor(this.#options.start, undefined, this.starts - 1), signal);
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.stops += 1;
    if (this.#options.stop !== undefined) await perform(actFor(this.#options.stop, undefined, this.stops - 1), signal);
  }

  health(signal: AbortSignal): Promise<Health> {
    const script = this.#options.health;
    return script === undefined ? Promise.resolve({ status: 'up' }) : perform(actFor(script, undefined, 0), signal);
  }
}
