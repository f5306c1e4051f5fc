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

  constructor(shared: SharedState) {
    this.#shared = shared;
  }

  /** Takes room in all of the places, or in none: then the place that is full. */
  async reserve(places: readonly Place[], digest: string): Promise<Place | undefined> {
    // First the pending ones, then the wrong ones: whatever becomes wrong in between is seen twice, and never not at all.
    const pending = await Promise.all(
      places.map((place) => this.#shared.note(pendingKey(place), digest, { ttlMs: pendingMs, most: mostPending })),
    );
    const wrong = await this.#shared.count(places.map(wrongKey));
    const full = places.find(({ limit }, index) => (pending[index] ?? 0) + (wrong[index] ?? 0) > limit.tries);
    if (full !== undefined) await this.release(places, digest);
    return full;
  }

  async release(places: readonly Place[], digest: string): Promise<void> {
    await Promise.all(places.map((place) => this.#shared.forget(pendingKey(place), digest)));
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
}
