import { isMapping } from './value-at.js';

export const reportIt = 'This is a fault in the plugin: tell its author.';

/** The message of whatever was thrown; an error of another realm is no `instanceof Error`. */
export const messageOf = (error: unknown): string =>
  error instanceof Error || (isMapping(error) && typeof error['message'] === 'string')
    ? String((error as { readonly message: unknown }).message)
    : 'something that is no error';
