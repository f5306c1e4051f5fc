/** What this store needs of a Passport strategy; `passport-strategy`'s subclasses have it. */
export interface Strategy {
  authenticate(request: object, options?: object): unknown;
}

const hasAuthenticate = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  'authenticate' in value &&
  typeof value.authenticate === 'function';

export const isStrategy = (value: unknown): value is Strategy => typeof value === 'object' && hasAuthenticate(value);

export const isConstructor = (value: unknown): value is new (options: object) => unknown =>
  typeof value === 'function' && hasAuthenticate(value.prototype);

/** A function that makes the strategy, asked with the config's `options`. */
export const isFactory = (value: unknown): value is (options: object) => unknown => typeof value === 'function' && !isConstructor(value);
