import { types } from 'node:util';

/** One line about a cause, for the operator. */
export const noteOf = (cause: unknown): string => {
  // Of every address of a name that was tried.
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(noteOf).join('; ');
  return types.isNativeError(cause) && cause.message !== '' ? cause.message : 'the server cannot be asked';
};
