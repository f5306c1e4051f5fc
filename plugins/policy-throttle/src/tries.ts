import { randomBytes } from 'node:crypto';
import type { SharedState } from '@postern/contract';
import type { Place } from './place.js';

/** A process that died does not hold its places for longer. Longer than any login takes. */
const pendingMs = 60_000;
const mostPending = 10_000;

const wrongKey = ({ id }: Pick<Place, 'id'>): string => `s:${id}`;
const pendingKey = ({ id }: Place): string => `p:${id}`;

/**
 * The different wrong passwords of each place, and those whose answers are not known yet: these take up room as if they were wrong, so
 * that many at once cannot pass a limit that one after the other would not.
 */
export class Tries {
  readonly #shared: SharedState;
  /** Nobody leaves a place for another process: that one may still wait for its own answer. */
  readonly #process = randomBytes(6).toString('base64url');
  /** How many logins of this process stand in a place with the same password: the last one leaves it. */
  readonly #standing = new Map<string, number>();

  constructor(shared: SharedState) {
    this.#shared = shared;
  }

  /** Takes room in all of the places, or in none: then the place that is full. */
  async reserve(places: readonly Place[], digest: string): Promise<Place | undefined> {
    // First the pending ones, then the wrong ones: whatever becomes wrong in between is seen twice, and never not at all.
    const pending = await Promise.all(places.map((place) => this.#stand(place, digest)));
    const wrong = await this.#shared.count(places.map(wrongKey));
    const full = places.find(({ limit }, index) => (pending[index] ?? 0) + (wrong[index] ?? 0) > limit.tries);
    if (full !== undefined) await this.release(places, digest);
    return full;
  }

  async release(places: readonly Place[], digest: string): Promise<void> {
    await Promise.all(places.map((place) => this.#leave(place, digest)));
  }

  /** Answers, for each place, how many there are now. */
  wrong(places: readonly Place[], digest: string): Promise<readonly number[]> {
    return Promise.all(
      places.map((place) => this.#shared.note(wrongKey(place), digest, { ttlMs: place.limit.per, most: place.limit.tries })),
    );
  }

  forget(place: Pick<Place, 'id'>): Promise<void> {
    return this.#shared.delete(wrongKey(place));
  }

  #stand(place: Place, digest: string): Promise<number> {
    const one = place.id + digest;
    this.#standing.set(one, (this.#standing.get(one) ?? 0) + 1);
    return this.#shared.note(pendingKey(place), digest + this.#process, { ttlMs: pendingMs, most: mostPending });
  }

  async #leave(place: Place, digest: string): Promise<void> {
    const one = place.id + digest;
    const others = (this.#standing.get(one) ?? 0) - 1;
    if (others > 0) this.#standing.set(one, others);
    // Where limits are not enforced nobody stands anywhere.
    else if (this.#standing.delete(one)) await this.#shared.forget(pendingKey(place), digest + this.#process);
  }
}
