/** Bytes of a key column; MySQL allows 3072 in a whole key. */
const longestBytes = 512;

/**
 * A user name or a domain as it is kept: printable ASCII, whatever a database thinks of letters, cases and blanks. Undefined for one that
 * cannot be kept: too long, or no text at all.
 */
export const storedName = (name: string): string | undefined => {
  if (/\p{Cs}/u.test(name)) return undefined;
  const kept = name.replaceAll(/[^!-~]|%/gu, (letter) => encodeURIComponent(letter));
  return kept.length <= longestBytes ? kept : undefined;
};

/** The name itself again. */
export const readName = (stored: string): string => {
  try {
    return decodeURIComponent(stored);
  } catch {
    return stored;
  }
};
