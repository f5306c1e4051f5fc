import type { Clock, MemberRules, SharedState } from '@postern/contract';

interface Kept {
  readonly value: string;
  readonly until: number;
}

/** `SharedState` in this process's memory, on the clock it is given. */
export class MemoryState implements SharedState {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #sets = new Map<string, Map<string, number>>();
  readonly #hearers = new Set<{ readonly topic: string; readonly hear: (message: string) => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that are there now. */
  get keys(): readonly string[] {
    const sets = [...this.#sets.keys()].filter((key) => this.#members(key).size > 0);
    return [...[...this.#kept.keys()].filter((key) => this.#live(key) !== undefined), ...sets];
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#live(key)?.value);
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#kept.set(key, { value, until: this.#clock.monotonic() + ttlMs });
    return Promise.resolve();
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    const before = this.#live(key);
    const value = Number(before?.value ?? 0) + by;
    if (!Number.isFinite(value)) return Promise.reject(new Error('what is kept under this key is no number'));
    this.#kept.set(key, { value: String(value), until: before?.until ?? this.#clock.monotonic() + ttlMs });
    return Promise.resolve(value);
  }

  delete(key: string): Promise<void> {
    this.#kept.delete(key);
    this.#sets.delete(key);
    return Promise.resolve();
  }

  note(key: string, member: string, { ttlMs, most }: MemberRules): Promise<number> {
    const members = this.#members(key);
    if (!members.has(member)) members.set(member, this.#clock.monotonic() + ttlMs);
    for (const oldest of members.keys()) if (members.size > most) members.delete(oldest);
    this.#sets.set(key, members);
    return Promise.resolve(members.size);
  }

  forget(key: string, member: string): Promise<void> {
    this.#sets.get(key)?.delete(member);
    return Promise.resolve();
  }

  count(keys: readonly string[]): Promise<readonly number[]> {
    return Promise.resolve(keys.map((key) => this.#members(key).size));
  }

  publish(topic: string, message: string): Promise<void> {
    for (const hearer of [...this.#hearers]) if (hearer.topic === topic) hearer.hear(message);
    return Promise.resolve();
  }

  subscribe(topic: string, hear: (message: string) => void): () => void {
    const hearer = { topic, hear };
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }

  #members(key: string): Map<string, number> {
    const now = this.#clock.monotonic();
    return new Map([...(this.#sets.get(key) ?? [])].filter(([, until]) => until > now));
  }

  #live(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.until > this.#clock.monotonic() ? kept : undefined;
  }
}
