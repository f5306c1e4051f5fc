import type { Journal } from './journal.js';

/**
 * The journals of the attempts that are being answered, by the attempt's id.
 *
 * No `Map`: V8's grow by making a new table that the old one points to, some times a second where entries come and go with every login.
 * Once one such table has become old, all later ones, and every login that they ever held, live on until a full collection. A plain
 * object's tables know nothing of each other (docs/performance.md, "Memory").
 */
export class OpenJournals {
  readonly #byId: Record<string, Journal | undefined> = Object.create(null) as Record<string, Journal | undefined>;

  get(id: string): Journal | undefined {
    return this.#byId[id];
  }

  set(id: string, journal: Journal): void {
    this.#byId[id] = journal;
  }

  delete(id: string): void {
    Reflect.deleteProperty(this.#byId, id);
  }
}
