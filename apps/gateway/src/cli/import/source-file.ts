import { open, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../shell.js';
import type { Entry, FormatReader } from './entry.js';
import { LineSplitter } from './line-splitter.js';

const pieceBytes = 262_144;

/** What a pass over the file tells on its way. */
export type Progress = (bytes: number, total: number) => void;

/** The file to import, open: both passes read the same one, also when another is put in its place meanwhile. */
export class SourceFile {
  readonly #handle: FileHandle;
  readonly #size: number;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Throws a `UsageError` for what is no file that can be read. */
  static async open(path: string): Promise<SourceFile> {
    const handle = await open(path, 'r').catch((error: unknown) => {
      throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, 'Mend the path or its rights.');
    });
    const stats = await handle.stat();
    if (stats.isFile()) return new SourceFile(handle, stats.size);
    await handle.close();
    throw new UsageError(`${path} is no file`, 'The import reads it twice: write what comes through a pipe into a file first.');
  }

  /** Its entries from the beginning, some at a time. Only a piece of it is in memory. */
  async *entries(reader: FormatReader, progress: Progress): AsyncGenerator<readonly Entry[]> {
    const lines = new LineSplitter();
    for (let at = 0; ;) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      progress(at, this.#size);
      yield reader.read(lines.push(buffer.subarray(0, bytesRead)));
    }
    yield reader.read(lines.end());
    yield reader.end();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
