import type { Account, Attributes } from '@postern/contract';

/** Controls would split a header line, white space at an end would be lost on nginx's side (rule 48). */
const headerUnsafe = /[\p{Cc}\p{Cs}]|^\s|\s$/u;
const maxUserBytes = 512;
const maxValue = 1024;
const secretName = /pass|secret|token|hash|credential|salt|api_?key|private_?key/i;

export interface Asked {
  /** As the strategy was told it. */
  readonly login: string;
  /** Canonical. */
  readonly user: string;
  /** The config's `account`. */
  readonly field: string | undefined;
}

/** The account that a strategy's user object tells of. Throws when it names nobody who could be said in a header. */
export const accountOf = (given: unknown, asked: Asked): Account => ({ user: userOf(given, asked), attributes: attributesOf(given) });

const userOf = (given: unknown, { login, user, field }: Asked): string => {
  const named = nameOf(given, field);
  if (named === undefined) {
    if (field === undefined) return user;
    throw new Error(`the strategy’s user has no text in the field ${field}`);
  }
  const same = named.toLowerCase();
  if (same === login.toLowerCase() || same === user) return user;
  if (named !== '' && Buffer.byteLength(named) <= maxUserBytes && !headerUnsafe.test(named)) return named;
  throw new Error('the strategy’s user has a name that cannot be said in a header');
};

/** Only `username` is taken unasked: addresses and the like are often for their owners to change, and would let them in as others. */
const nameOf = (given: unknown, field = 'username'): string | undefined => {
  if (typeof given === 'string') return given;
  if (typeof given !== 'object' || given === null) return undefined;
  const value: unknown = Reflect.get(given, field);
  return typeof value === 'string' ? value : undefined;
};

/** Texts that routers and policies may use. Rows and entries also hold passwords: those stay behind. */
const attributesOf = (given: unknown): Attributes => {
  if (typeof given !== 'object' || given === null) return {};
  const texts = Object.entries(given).filter((entry): entry is [string, string] => isAttribute(...entry));
  return Object.fromEntries(texts);
};

const isAttribute = (name: string, value: unknown): boolean =>
  typeof value === 'string' && value.length <= maxValue && !headerUnsafe.test(value) && !headerUnsafe.test(name) && !secretName.test(name);
