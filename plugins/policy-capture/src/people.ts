import type { Account, Lookup, NamedStore } from '@postern/contract';

/** Somebody, by all the names that are known: stores do not agree on whether a login or an alias is the person. */
export interface Person {
  /** Canonical, as the store that accepted the login calls its owner: the ledger's key. */
  readonly user: string;
  /** Canonical login. */
  readonly login: string;
}

/** Asks a store who that is, by each name in turn until it knows one. */
export const lookUp = async (store: NamedStore | undefined, { user, login }: Person, signal: AbortSignal): Promise<Lookup> => {
  if (store?.lookup === undefined) return { kind: 'deferred', cause: new Error('there is no store that could be asked') };
  const first = await store.lookup(user, signal);
  return first.kind !== 'unknown-user' || login === user ? first : store.lookup(login, signal);
};

/** What a store calls somebody; or what the ledger does, where the store does not say. Rejects when it cannot tell now. */
export const nameIn = async (store: NamedStore, person: Person, signal: AbortSignal): Promise<string> => {
  if (store.lookup === undefined) return person.user;
  const found = await lookUp(store, person, signal);
  switch (found.kind) {
    case 'found':
      return found.account.user;
    case 'deferred':
      throw new Error(`${store.name} cannot say who that is`, { cause: found.cause });
    case 'refused':
    case 'unknown-user':
      return person.user;
  }
};

/** When the password was changed last, in milliseconds since 1970, where the store knows. */
export const changedAt = ({ attributes }: Account): number | undefined => {
  const text = Object.hasOwn(attributes, 'passwordChangedAt') ? attributes['passwordChangedAt'] : undefined;
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
};
