import { open, rm, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../shell.js';
import type { Home } from './entry.js';

/** A new file for the router `table` (`format: text`). Never one that is there already. */
export class TableFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #rows = 0;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  static async create(path: string): Promise<TableFile> {
    try {
      return new TableFile(await open(path, 'wx'), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST')
        throw new UsageError(`${path} is there already and is not overwritten`, 'Write to another name, compare, then rename.');
      throw new UsageError(`${path} cannot be written (${code ?? 'error'})`, 'Mend the path or its rights.');
    }
  }

  get rows(): number {
    return this.#rows;
  }

  async write(homes: readonly Home[]): Promise<void> {
    this.#rows += homes.length;
    await this.#handle.write(homes.map(({ key, host }) => `${key} ${host}\n`).join(''));
  }

  async close(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Takes half a table away again. */
  async giveUp(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}
