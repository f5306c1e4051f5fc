import type { ConfigPath } from '../plugin.js';

/** Where a config stands: what relative paths and environment names in it refer to. */
export interface ConfigPlace {
  /** Absolute directory of the config file. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A problem found while binding; `message` holds no secret. */
export interface BindingProblem {
  readonly path: ConfigPath;
  readonly message: string;
  readonly hint: string;
}

/** A config value that means something only in its place: a secret to read, a path to resolve. */
export interface Bound {
  /** Throws `BindingError` when it cannot be. Called once, before `create`. */
  [bind](place: ConfigPlace): void;
}

/** Global, so that two copies of this package understand each other. */
export const bind: unique symbol = Symbol.for('postern.config.bind') as never;

export class BindingError extends Error {
  override readonly name = 'BindingError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const isBound = (value: object): value is Bound => bind in value;

/**
 * Binds every `Secret` and `FilePath` within a parsed config and gives back what could not be bound, with its path.
 * The host calls it; tests call it through the test kit.
 */
export const bindConfig = (config: unknown, place: ConfigPlace, at: ConfigPath = []): BindingProblem[] => {
  if (typeof config !== 'object' || config === null) return [];
  if (isBound(config)) return bindOne(config, place, at);
  const entries: [string | number, unknown][] = Array.isArray(config) ? config.map((item, index) => [index, item]) : Object.entries(config);
  return entries.flatMap(([key, value]) => bindConfig(value, place, [...at, key]));
};

const bindOne = (value: Bound, place: ConfigPlace, path: ConfigPath): BindingProblem[] => {
  try {
    value[bind](place);
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [{ path, message: error.message, hint: 'hint' in error ? String(error.hint) : '' }];
  }
};
