/** By shape, not by class: the client's errors come from several copies of several libraries. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string' ? error.message : '';

/** Of a command that it does not know, Redis repeats the arguments: of AUTH, that is the password. */
const quotedArguments = /,? *with args beginning with.*/is;

/** For the operator: the error's own words without what they quote of a command. Keys and passwords stand in fields beside them. */
export const causeOf = (error: unknown): string => {
  const first: unknown =
    typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined;
  const text = messageOf(error) || messageOf(first) || 'it gave no reason';
  return text
    .replace(quotedArguments, '')
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .slice(0, 200);
};

/** The caller asked for something that the key does not hold: Redis itself is well. */
export const isMisuse = (error: unknown): boolean => /^(?:WRONGTYPE|ERR value is not)/.test(messageOf(error));

/** The answer did not come in time. */
export const isTimeout = (error: unknown): boolean => messageOf(error).startsWith('Command timed out');

/** There was no connection to send anything on. */
export const isUnsent = (error: unknown): boolean => /writeable|Cluster isn't ready|Connection is closed/.test(messageOf(error));
