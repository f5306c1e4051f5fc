import type { Stores } from '@postern/contract';

/** What everybody but policies gets: a store that asked another store would go in a circle. */
export const noStores: Stores = {
  get: () => undefined,
  heard: () => [],
};
