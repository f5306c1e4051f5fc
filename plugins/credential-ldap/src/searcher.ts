import type { Query, SearchResult } from './directory-types.js';
import type { Ask } from './people.js';
import type { Pool } from './pool.js';

/** Searches as the service account; those of one turn of the event loop share a connection. */
export class Searcher {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  asking(signal: AbortSignal): Ask {
    return (query: Query): Promise<SearchResult> => this.#pool.use(signal, (connection) => connection.search(query, signal), 'shared');
  }
}
