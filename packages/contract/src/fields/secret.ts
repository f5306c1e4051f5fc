import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { bind, BindingError, type Bound, type ConfigPlace } from './bound.js';

export type SecretSource = string | { readonly env: string } | { readonly file: string };

/** A password or key from the config. It prints as `[secret]` everywhere; only `reveal` gives it away. */
export class Secret implements Bound {
  readonly #source: SecretSource;
  #value: string | undefined;

  constructor(source: SecretSource) {
    this.#source = source;
    if (typeof source === 'string') this.#value = source;
  }

  /** True when it stands in the config file itself: `check` warns. */
  get literal(): boolean {
    return typeof this.#source === 'string';
  }

  /** The value. Throws when the config was not bound yet. */
  reveal(): string {
    if (this.#value === undefined) throw new Error('this secret was not bound to its place yet');
    return this.#value;
  }

  /** Where it comes from, in words that hold no secret. */
  toString(): string {
    return '[secret]';
  }

  toJSON(): unknown {
    return typeof this.#source === 'string' ? '[secret]' : this.#source;
  }

  [inspect.custom](): string {
    return '[secret]';
  }

  [bind](place: ConfigPlace): void {
    const source = this.#source;
    if (typeof source === 'string') return;
    this.#value = 'env' in source ? fromEnvironment(source.env, place) : fromFile(source.file, place);
  }
}

const fromEnvironment = (name: string, place: ConfigPlace): string => {
  const value = place.env[name];
  if (value !== undefined && value !== '') return value;
  throw new BindingError(
    `the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
    `Set ${name} for the gateway's process, or name another source.`,
  );
};

/** Far more than a password or a key. A device such as /dev/zero has no end. */
const maxBytes = 65_536;

/** Undefined when there is more than `maxBytes`. */
const readSmall = (path: string): string | undefined => {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return length > maxBytes ? undefined : bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
};

/** One line break at the end is taken off: editors and `echo` add it. */
const fromFile = (file: string, place: ConfigPlace): string => {
  const path = resolve(place.directory, file);
  let value: string | undefined;
  try {
    value = readSmall(path)?.replace(/\r?\n$/, '');
  } catch (error) {
    throw new BindingError(
      `the secret file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      'Create it, readable for the user that runs the gateway and nobody else.',
    );
  }
  if (value === undefined)
    throw new BindingError(`the secret file ${path} is larger than ${maxBytes} bytes`, 'Name a file that holds the secret alone.');
  if (value !== '') return value;
  throw new BindingError(`the secret file ${path} is empty`, 'Write the secret into it.');
};

const source = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: 'expected { env: NAME }, { file: PATH } or a text',
});

/** A config field for a secret: `{ env: NAME }`, `{ file: PATH }`, or a literal (which `check` warns of). */
export const secret = (): z.ZodType<Secret, SecretSource> => source.transform((value) => new Secret(value));
