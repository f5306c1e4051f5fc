import type { MemberRules, SharedState } from '@postern/contract';
import type { PlaceWatcher, Reach, SharedPlace } from './shared-place.js';
import { everythingChanged } from './shared-changes.js';

export interface FallbackStateParts {
  /** This process's own memory. */
  readonly own: SharedState;
  /** Called after every change of `reach`. Must not throw. */
  readonly changed?: (reach: Reach) => void;
}

/**
 * State in a shared place while that can be reached, and in this process's own memory while it cannot: an outage of the place is no
 * outage of logins.
 *
 * Counters and sets are kept in the own memory, too, so that what this process has seen still counts when the place falls. Values are
 * not: an old one could bring back what another process has taken away.
 */
export class FallbackState implements SharedState, PlaceWatcher {
  readonly #own: SharedState;
  readonly #changed: (reach: Reach) => void;
  #place: SharedPlace | undefined;
  /** Something was published that the others could not hear. */
  #unsent = false;
  #missedWhileLost = false;

  constructor({ own, changed = () => undefined }: FallbackStateParts) {
    this.#own = own;
    this.#changed = changed;
  }

  /** From now on, the place is asked first. Once. */
  share(place: SharedPlace): void {
    this.#place = place;
    place.watch(this);
  }

  async get(key: string): Promise<string | undefined> {
    const place = this.#reached();
    if (place === undefined) return this.#own.get(key);
    return place.get(key).catch(() => this.#own.get(key));
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    const place = this.#reached();
    if (place === undefined) return this.#own.set(key, value, ttlMs);
    return place.set(key, value, ttlMs).catch(() => this.#own.set(key, value, ttlMs));
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    return this.#both((state) => state.increment(key, by, ttlMs));
  }

  delete(key: string): Promise<void> {
    return this.#both((state) => state.delete(key));
  }

  note(key: string, member: string, rules: MemberRules): Promise<number> {
    return this.#both((state) => state.note(key, member, rules));
  }

  forget(key: string, member: string): Promise<void> {
    return this.#both((state) => state.forget(key, member));
  }

  async count(keys: readonly string[]): Promise<readonly number[]> {
    const place = this.#reached();
    if (place === undefined || keys.length === 0) return this.#own.count(keys);
    return place.count(keys).catch(() => this.#own.count(keys));
  }

  async publish(topic: string, message: string): Promise<void> {
    // Here at once and for sure, whatever becomes of it on the way to the others.
    await this.#own.publish(topic, message);
    if (this.#place === undefined) return;
    const place = this.#reached();
    if (place === undefined) this.#unsent = true;
    else await place.publish(topic, message).catch(() => (this.#unsent = true));
  }

  subscribe(topic: string, hear: (message: string) => void): () => void {
    return this.#own.subscribe(topic, hear);
  }

  changed(reach: Reach): void {
    this.#changed(reach);
    if (reach.kind === 'lost') return;
    // What was changed meanwhile was written into the own memory: whoever keeps it in the place does so now.
    const again = this.#missedWhileLost || this.#unsent;
    this.#missedWhileLost = false;
    if (this.#unsent) void this.#sayWhatWasUnsent();
    if (again) this.heard(everythingChanged.topic, everythingChanged.message);
  }

  heard(topic: string, message: string): void {
    // Those who listen are all in one place: here. The own memory does not fail at that.
    void this.#own.publish(topic, message).catch(() => undefined);
  }

  missed(): void {
    // Whoever hears of it may write into the place, which is not there yet: it is heard once more when it is.
    if (this.#reached() === undefined) this.#missedWhileLost = true;
    this.heard(everythingChanged.topic, everythingChanged.message);
  }

  /** Which of the changes the others did not hear is not remembered: to them, anything may have changed. */
  async #sayWhatWasUnsent(): Promise<void> {
    this.#unsent = false;
    await this.#place?.publish(everythingChanged.topic, everythingChanged.message).catch(() => (this.#unsent = true));
  }

  #reached(): SharedPlace | undefined {
    return this.#place === undefined || this.#place.reach.kind === 'lost' ? undefined : this.#place;
  }

  async #both<T>(ask: (state: Pick<SharedState, 'increment' | 'delete' | 'note' | 'forget'>) => Promise<T>): Promise<T> {
    const place = this.#reached();
    const own = ask(this.#own);
    if (place === undefined) return own;
    // Should it fail, that is told only if the place cannot answer either.
    own.catch(() => undefined);
    return ask(place).catch(() => own);
  }
}
