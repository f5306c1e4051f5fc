import type { Clock, Health, Log } from '@postern/contract';
import type { DirectoryTrouble, ServerAddress } from './directory-types.js';

const firstPauseMs = 250;
/** Together with the gateway's circuit breaker, which tries a store every two seconds, logins are back within five of the server. */
const longestPauseMs = 1000;
/** A server that takes connections and then fails is given up after so many operations in a row: one slow search is no outage. */
const patience = 3;

interface State {
  readonly address: ServerAddress;
  /** Failures in a row. */
  failures: number;
  /** Not asked before this moment of the monotonic clock. */
  pausedUntil: number;
  trouble: string | undefined;
}

/** The configured servers, best first, and how each of them is doing. */
export class Servers {
  readonly #states: readonly State[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #random: () => number;

  /** `random`: from 0 to below 1; spreads the next tries of several gateways. */
  constructor(addresses: readonly ServerAddress[], clock: Clock, log: Log, random: () => number = Math.random) {
    this.#states = addresses.map((address) => ({ address, failures: 0, pausedUntil: 0, trouble: undefined }));
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
  }

  /** Those worth a try now, in the order of the config. */
  candidates(): readonly ServerAddress[] {
    const now = this.#clock.monotonic();
    return this.#states.filter((state) => state.pausedUntil <= now).map((state) => state.address);
  }

  succeeded(address: ServerAddress): void {
    const state = this.#stateOf(address);
    if (state.trouble !== undefined) this.#log.info('the directory server answers again', { server: address.url });
    state.failures = 0;
    state.pausedUntil = 0;
    state.trouble = undefined;
  }

  /** No connection: the next try is put off, each time longer. */
  unreachable(address: ServerAddress, cause: unknown): void {
    const state = this.#stateOf(address);
    // Several tries at once that fail together are one failure.
    if (state.pausedUntil > this.#clock.monotonic()) return;
    this.#note(state, cause);
    this.#pause(state, state.failures);
  }

  /** A connection that had worked failed. */
  failed(address: ServerAddress, trouble: DirectoryTrouble): void {
    const state = this.#stateOf(address);
    this.#note(state, trouble);
    if (state.failures >= patience) this.#pause(state, state.failures - patience + 1);
  }

  health(): Health {
    const troubled = this.#states.filter((state) => state.trouble !== undefined);
    if (troubled.length === 0) return { status: 'up' };
    const note = troubled.map((state) => state.trouble).join('; ');
    return { status: troubled.length === this.#states.length ? 'down' : 'degraded', note };
  }

  /** Candidates that failed last time. */
  troubled(): readonly ServerAddress[] {
    const candidates = this.candidates();
    return this.#states.flatMap(({ address, trouble }) => (trouble !== undefined && candidates.includes(address) ? [address] : []));
  }

  /** Why there are no candidates. */
  whyNone(): string {
    return `no server to ask just now: ${this.health().note ?? 'none is configured'}`;
  }

  #note(state: State, cause: unknown): void {
    state.failures += 1;
    if (state.trouble === undefined) this.#log.warn('a directory server is in trouble', { server: state.address.url, cause });
    state.trouble = cause instanceof Error ? cause.message : `${state.address.url} failed`;
  }

  #pause(state: State, times: number): void {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(times - 1, 10));
    state.pausedUntil = this.#clock.monotonic() + pause * (0.75 + this.#random() / 2);
  }

  #stateOf(address: ServerAddress): State {
    const state = this.#states.find((each) => each.address === address);
    if (state === undefined) throw new Error(`${address.url} is none of the configured servers`);
    return state;
  }
}
