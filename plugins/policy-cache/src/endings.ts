import { randomUUID } from 'node:crypto';
import type { Clock, Log, SharedState } from '@postern/contract';
import { LRUCache } from 'lru-cache';

export interface EndingsParts {
  readonly shared: Pick<SharedState, 'publish' | 'subscribe'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly log: Log;
}

const topic = 'ended';
/** Users of whom it was told lately. */
const mostTold = 10_000;
const againMs = 1000;

/**
 * Tells the same cache in other processes whose successes are over: a login there that was refused here is not to be let in from memory. Each
 * user once a second at most, since anybody can bring about a refusal of somebody who is shut out; what comes sooner is told at the end of it.
 */
export class Endings {
  readonly #parts: EndingsParts;
  readonly #own = randomUUID();
  readonly #told = new LRUCache<string, number>({ max: mostTold });
  readonly #later = new Set<string>();
  #callOff: (() => void) | undefined;

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  tell(user: string): void {
    const now = this.#parts.clock.monotonic();
    if (now - (this.#told.get(user) ?? -Infinity) >= againMs) this.#publish(user, now);
    else if (this.#later.size < mostTold) this.#postpone(user);
  }

  /** Tells at once what is still to be told. */
  close(): void {
    this.#callOff?.();
    this.#tellLater();
  }

  #postpone(user: string): void {
    // It may have been let in anew in between: the first message does not cover that.
    this.#later.add(user);
    this.#callOff ??= this.#parts.clock.after(againMs, () => this.#tellLater());
  }

  #tellLater(): void {
    this.#callOff = undefined;
    const now = this.#parts.clock.monotonic();
    for (const user of this.#later) this.#publish(user, now);
    this.#later.clear();
  }

  #publish(user: string, now: number): void {
    const { shared, log } = this.#parts;
    this.#told.set(user, now);
    shared
      .publish(topic, `${this.#own} ${user}`)
      .catch((cause: unknown) => log.warn('a refusal could not be told to other gateways', { cause }));
  }

  /** Calls `hear` with the user for what others tell. The returned function ends it. */
  follow(hear: (user: string) => void): () => void {
    return this.#parts.shared.subscribe(topic, (message) => {
      const border = message.indexOf(' ');
      if (border > 0 && message.slice(0, border) !== this.#own) hear(message.slice(border + 1));
    });
  }
}
