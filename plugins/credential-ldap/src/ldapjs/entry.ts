import { Entry } from '../directory-types.js';
import type { DnReader, FoundEntry } from './library.js';

/** Operational attributes that hold an entry's own DN: OpenLDAP and 389 have the first (RFC 5020), Active Directory the second. */
export const ownDnAttributes = ['entryDN', 'distinguishedName'];

export const entryFrom = (names: DnReader, found: FoundEntry): Entry => {
  const values = new Map(found.attributes.map(({ type, buffers }) => [type.toLowerCase(), buffers]));
  return new Entry(dnOf(names, found.objectName.toString(), values), values);
};

/**
 * The DN as the directory wrote it. ldapjs gives it back read and written anew, which changes some (see `LiteralDn`); so its
 * own attribute is believed, if both read the same, and a DN that shows the damage is none.
 */
const dnOf = (names: DnReader, rewritten: string, values: ReadonlyMap<string, readonly Buffer[]>): string | undefined => {
  for (const name of ownDnAttributes) {
    const [own, ...more] = values.get(name.toLowerCase()) ?? [];
    if (own !== undefined && more.length === 0 && readsAs(names, own.toString(), rewritten)) return own.toString();
  }
  return /\\0[0-9a-f]|=#/i.test(rewritten) ? undefined : rewritten;
};

const readsAs = (names: DnReader, own: string, rewritten: string): boolean => {
  if (own === rewritten) return true;
  try {
    return names.fromString(own).toString().toLowerCase() === rewritten.toLowerCase();
  } catch {
    return false;
  }
};
