import { tableKey } from '../table-key.js';
import type { TableSource } from './source.js';

/** Rows that stand in the config. */
export class MapSource implements TableSource {
  readonly #rows: ReadonlyMap<string, string>;

  constructor(rows: ReadonlyMap<string, string>) {
    this.#rows = new Map([...rows].map(([key, value]) => [tableKey(key), value]));
  }

  lookup(keys: readonly string[]): Promise<string | undefined> {
    const key = keys.find((one) => this.#rows.has(one));
    return Promise.resolve(key === undefined ? undefined : this.#rows.get(key));
  }
}
