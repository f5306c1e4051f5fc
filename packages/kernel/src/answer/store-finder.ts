import type { Clock, Heard, LoginAttempt, NamedStore, Stores } from '@postern/contract';
import type { OpenJournals } from './open-journals.js';
import { namedStore } from './named-store.js';
import type { StoreSeat } from './seat.js';

/** What everybody but policies gets: a store that asked another store would go in a circle. */
export const noStores: Stores = {
  get: () => undefined,
  heard: () => [],
};

export interface StoreFinderParts {
  readonly clock: Clock;
  /** Milliseconds for one answer. */
  readonly ms: number;
  /** Those that are being answered, by the attempt's id. */
  readonly journals: Pick<OpenJournals, 'get'>;
}

/** The stores of a generation by name. Policies are handed it before all stores are made, so it is opened later. */
export class StoreFinder implements Stores {
  readonly #parts: StoreFinderParts;
  #stores: ReadonlyMap<string, NamedStore> = new Map();

  constructor(parts: StoreFinderParts) {
    this.#parts = parts;
  }

  /** `seats`: those that answer and those in the shadow. */
  open(seats: readonly StoreSeat[]): void {
    const { clock, ms, journals } = this.#parts;
    const parts = { clock, ms, journalOf: (id: string) => journals.get(id) };
    this.#stores = new Map(seats.map((seat) => [seat.name, namedStore(seat, parts)]));
  }

  get(name: string): NamedStore | undefined {
    return this.#stores.get(name);
  }

  heard({ id }: LoginAttempt): readonly Heard[] {
    return this.#parts.journals.get(id)?.answers.map(({ store, verdict: { kind } }) => ({ store, kind })) ?? [];
  }
}
