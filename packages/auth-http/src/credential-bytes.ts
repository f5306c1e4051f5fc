/** ASCII that needs no look at its bytes: no control characters, no blank at an edge. */
const plainAscii = /^[!-~](?:[ -~]*[!-~])?$/;

const unsayable = /[\0-\x1f\x7f]|^ | $/;

/**
 * A login or password as the bytes (latin1 characters) of a header value, UTF-8. Undefined where nginx would read another value
 * than we mean: control characters, spaces at the edges, nothing at all, half a surrogate pair (rules 48, 49).
 */
export const credentialBytes = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text === '') return undefined;
  if (plainAscii.test(text)) return text;
  return unsayable.test(text) || /\p{Surrogate}/u.test(text) ? undefined : Buffer.from(text, 'utf8').toString('latin1');
};
