import { randomUUID } from 'node:crypto';
import type { Clock, Log, SharedState } from '@postern/contract';
import { LRUCache } from 'lru-cache';

export interface EndingsParts {
  readonly shared: Pick<SharedState, 'publish' | 'subscribe'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}

const topic = 'ended';
/** Users of whom it was told lately. */
const mostTold = 10_000;
const againMs = 1000;

/**
 * Tells the same cache in other processes whose successes are over: a login there that was refused here is not to be let in from memory. Each
 * user once a second at most, since anybody can bring about a refusal of somebody who is shut out.
 */
export class Endings {
  readonly #parts: EndingsParts;
  readonly #own = randomUUID();
  readonly #told = new LRUCache<string, number>({ max: mostTold });

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  tell(user: string): void {
    const { shared, clock, log } = this.#parts;
    const now = clock.monotonic();
    if (now - (this.#told.get(user) ?? -Infinity) < againMs) return;
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
