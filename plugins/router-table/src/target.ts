import { isIP } from 'node:net';
import { parseHostPort, type BackendRef, type Backends } from '@postern/contract';

/** How a value reads without knowing the declared backends. */
export type Reading =
  /** Only a declared backend's name: nothing else. */
  | 'name'
  /** Only an address: it has a port, or colons. */
  | 'address'
  /** A text with a dot, an IPv4 address too: a declared backend's name if there is one, a host if not. */
  | 'either';

export const readingOf = (value: string): Reading => {
  const parsed = parseHostPort(value);
  if (parsed === undefined) return 'name';
  if (parsed.port !== undefined || isIP(parsed.host) === 6) return 'address';
  return parsed.host.includes('.') ? 'either' : 'name';
};

/** What a value stands for; a declared name wins. Undefined for a word that is not declared and for what is no host. */
export const targetOf = (value: string, backends: Backends): BackendRef | undefined => {
  if (backends.get(value) !== undefined) return { kind: 'named', name: value };
  if (readingOf(value) === 'name') return undefined;
  const address = parseHostPort(value);
  return address === undefined ? undefined : { kind: 'direct', ...address };
};
