import type { Connections } from './connections.js';
import type { Query, SearchResult } from './directory-types.js';
import type { Ask } from './people.js';

/** Searches as the service account; those of one turn of the event loop share a connection. */
export class Searcher {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  asking(signal: AbortSignal): Ask {
    return (query: Query): Promise<SearchResult> =>
      this.#connections.use(signal, (connection) => connection.search(query, signal), 'shared');
  }
}
