import type { HealthRules, PortHealth } from './backend.js';
import type { ProbeResult } from './probe.js';

/** What outlives a reload. */
export interface PortMemory {
  readonly health: PortHealth;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * What the checks know of one port. Only several results in a row change it, so that a backend which flaps is not flapped to clients; and
 * only what was once seen up can go down, since the gateway may stand where it cannot see what nginx sees.
 */
export class PortWatch {
  readonly #rules: Pick<HealthRules, 'rise' | 'fall'>;
  #health: PortHealth = 'unchecked';
  #since: number | undefined;
  #good = 0;
  #failed = 0;
  #note: string | undefined;

  constructor(rules: Pick<HealthRules, 'rise' | 'fall'>, memory?: PortMemory) {
    this.#rules = rules;
    if (memory === undefined) return;
    this.#health = memory.health;
    this.#since = memory.since;
  }

  get health(): PortHealth {
    return this.#health;
  }

  /** Milliseconds since 1970; undefined before the first change. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Why the last check failed; undefined after a good one. */
  get note(): string | undefined {
    return this.#note;
  }

  /** How many checks failed one after the other. */
  get failedInARow(): number {
    return this.#failed;
  }

  /** Takes in a result; true when the health changed. `now`: milliseconds since 1970. */
  record(result: ProbeResult, now: number): boolean {
    const good = result.kind === 'greeted';
    this.#good = good ? this.#good + 1 : 0;
    this.#failed = good ? 0 : this.#failed + 1;
    this.#note = good ? undefined : result.why;
    const next = good ? this.#afterGood() : this.#afterFailed();
    if (next === this.#health) return false;
    this.#health = next;
    this.#since = now;
    return true;
  }

  #afterGood(): PortHealth {
    return this.#health === 'unchecked' || this.#good >= this.#rules.rise ? 'up' : this.#health;
  }

  #afterFailed(): PortHealth {
    if (this.#failed < this.#rules.fall) return this.#health;
    return this.#health === 'up' || this.#health === 'down' ? 'down' : 'suspect';
  }
}
