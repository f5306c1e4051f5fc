import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { bind, BindingError, type Bound, type ConfigPlace } from './bound.js';

/** A path from the config, relative to the config file. */
export class FilePath implements Bound {
  readonly #written: string;
  #absolute: string | undefined;

  constructor(written: string) {
    this.#written = written;
  }

  /** Throws when the config was not bound yet. */
  get absolute(): string {
    if (this.#absolute === undefined) throw new Error(`the path ${this.#written} was not bound to its place yet`);
    return this.#absolute;
  }

  toString(): string {
    return this.#absolute ?? this.#written;
  }

  toJSON(): string {
    return this.#written;
  }

  [bind](place: ConfigPlace): void {
    this.#absolute = resolve(place.directory, this.#written);
    try {
      accessSync(this.#absolute, constants.R_OK);
    } catch (error) {
      throw new BindingError(
        `the file ${this.#absolute} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        'Paths are relative to the config file; create the file or mend the path.',
      );
    }
    if (statSync(this.#absolute, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    throw new BindingError(`${this.#absolute} is a folder`, 'Name a file. Paths are relative to the config file.');
  }
}

/** A config field for a file that must be there and readable. */
export const filePath = (): z.ZodType<FilePath, string> =>
  z
    .string()
    .min(1)
    .transform((written) => new FilePath(written));
