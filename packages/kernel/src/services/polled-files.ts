import type { Clock, Files, FollowedFile, Log } from '@postern/contract';
import { PolledFile } from './polled-file.js';

export interface PolledFilesParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  /** Milliseconds between two looks. Default 1000. */
  readonly everyMs?: number;
}

/**
 * Follows files by looking at them: unlike file system events that works on every file system, through renames, symbolic links and
 * bind mounts (as container secrets are swapped), and misses nothing.
 */
export class PolledFiles implements Files {
  readonly #parts: Required<PolledFilesParts>;

  constructor({ clock, log, everyMs = 1000 }: PolledFilesParts) {
    this.#parts = { clock, log, everyMs };
  }

  follow<T>(path: string, parse: (content: Uint8Array) => T | Promise<T>): FollowedFile<T> {
    return new PolledFile({ ...this.#parts, path, parse });
  }
}
