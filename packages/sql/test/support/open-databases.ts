import type { Database } from '@postern/sql';
import { open, type Opened } from './open.js';

/** The databases that one test opened. */
export class OpenDatabases {
  readonly #opened: Opened[] = [];

  open(...args: Parameters<typeof open>): Database {
    const one = open(...args);
    this.#opened.push(one);
    return one.database;
  }

  /** What the last one wrote into its log. */
  get lastLog(): string {
    return this.#opened.at(-1)?.log.text() ?? '';
  }

  /** Connections and timers that are left. */
  get left(): number {
    return this.#opened.reduce((sum, { database, clock }) => sum + database.connections + clock.pending, 0);
  }

  async stop(): Promise<void> {
    for (const { database } of this.#opened) await database.stop();
  }
}
