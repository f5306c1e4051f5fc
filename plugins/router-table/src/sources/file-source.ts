import type { Files, FollowedFile, Health } from '@postern/contract';
import { loadTable, TableFileError } from '../load-table.js';
import type { PackedTable } from '../packed-table.js';
import type { RowReader } from '../rows/row.js';
import type { TableSource } from './source.js';

export interface FileSourceParts {
  readonly files: Files;
  /** Absolute. */
  readonly path: string;
  readonly read: RowReader;
  /** What is wrong with a value; undefined when it is good. */
  readonly fault: (value: string) => string | undefined;
  readonly loaded: (rows: number) => void;
}

/** Rows from a file that is followed: new content takes over when all of it is good. */
export class FileSource implements TableSource {
  readonly #file: FollowedFile<PackedTable>;

  constructor({ files, path, read, fault, loaded }: FileSourceParts) {
    this.#file = files.follow(path, async (content) => {
      const table = await loadTable(read(content), fault);
      // A program that empties a file before it writes must not send everybody to where the next router says.
      if (table.size === 0 && (this.#file.current?.size ?? 0) > 0) throw new TableFileError(['there is no row in it'], 0);
      loaded(table.size);
      return table;
    });
  }

  start(): Promise<void> {
    return this.#file.start();
  }

  lookup(keys: readonly string[]): Promise<string | undefined> {
    const table = this.#file.current;
    if (table === undefined) return Promise.reject(new Error('the table file could not be read so far'));
    return Promise.resolve(firstValue(table, keys));
  }

  health(): Promise<Health> {
    return Promise.resolve(this.#file.health());
  }

  stop(): Promise<void> {
    return this.#file.stop();
  }
}

const firstValue = (table: PackedTable, keys: readonly string[]): string | undefined => {
  for (const key of keys) {
    const value = table.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
};
