import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { bind, BindingError, type Bound, type ConfigPlace } from '@postern/contract';
import { z } from 'zod';
import { isConstructor, isStrategy } from './strategy.js';

const isPath = (written: string): boolean => /^\.{0,2}\//.test(written);

/** The config's `strategy`: an npm package or a path, both as seen from the config file, or the thing itself (in code). */
export class StrategyRef implements Bound {
  readonly #written: unknown;
  #file: string | undefined;

  constructor(written: unknown) {
    this.#written = written;
  }

  /** The strategy or its constructor, where it was handed over in code; else undefined. */
  get inCode(): unknown {
    return typeof this.#written === 'string' ? undefined : this.#written;
  }

  /** The module's file, absolute. Throws when the config was not bound yet. */
  get file(): string {
    if (this.#file === undefined) throw new Error(`the strategy ${this.toString()} was not bound to its place yet`);
    return this.#file;
  }

  toString(): string {
    return typeof this.#written === 'string' ? this.#written : '(a strategy in code)';
  }

  toJSON(): string {
    return this.toString();
  }

  [bind]({ directory }: ConfigPlace): void {
    if (typeof this.#written !== 'string') return;
    this.#file = isPath(this.#written) ? existing(resolve(directory, this.#written)) : installed(this.#written, directory);
  }
}

const existing = (file: string): string => {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
  throw new BindingError(`there is no file ${file}`, 'Paths are relative to the config file and name a .js, .mjs or .cjs file.');
};

/** Strategies are CommonJS nearly without exception, so what `require` sees will do. */
const installed = (name: string, directory: string): string => {
  try {
    return createRequire(join(directory, 'postern.yaml')).resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      throw new BindingError(
        `the package ${name} can only be imported`,
        'Write a module that imports it and exports a strategy; name its path.',
      );
    }
    throw new BindingError(`there is no npm package ${name}`, `npm install ${name} in the folder of the config file, or mend the name.`);
  }
};

/** A config field for a strategy. */
export const strategyRef = (): z.ZodType<StrategyRef> =>
  z
    .unknown()
    .meta({ type: 'string' })
    .transform((written, context) => {
      if (typeof written === 'string' && written !== '') return new StrategyRef(written);
      if (isStrategy(written) || isConstructor(written)) return new StrategyRef(written);
      context.addIssue({ code: 'custom', message: 'expected an npm package such as passport-ldapauth, or a path such as ./strategy.js' });
      return z.NEVER;
    });
