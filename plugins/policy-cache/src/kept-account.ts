import type { Account } from '@postern/contract';

/** An account as it is kept: where it repeats the password that was typed, it holds only the word that it does. */
export interface KeptAccount {
  readonly account: Account;
  readonly typed: Typed;
}

/** Which fields were the password that was typed. */
type Typed = 'none' | 'secret' | 'backend' | 'both';

const typedIn = ({ secret, backend }: Account, password: string): Typed => {
  const [asSecret, toBackend] = [secret === password, backend?.password === password];
  if (asSecret) return toBackend ? 'both' : 'secret';
  return toBackend ? 'backend' : 'none';
};

/** A copy that shares nothing with the store's own. Not frozen: that would take V8 three times the memory. */
export const keep = (given: Account, user: string, password: string): KeptAccount => {
  const typed = typedIn(given, password);
  const asSecret = typed === 'secret' || typed === 'both';
  const toBackend = typed === 'backend' || typed === 'both';
  const { secret, backend } = given;
  // One text and not two equal ones, in the usual case.
  const named = { user: given.user === user ? user : given.user, attributes: { ...given.attributes } };
  if (secret === undefined && backend === undefined) return { account: named, typed };
  const account = {
    ...named,
    ...(secret === undefined || asSecret ? {} : { secret }),
    ...(backend === undefined ? {} : { backend: toBackend ? without(backend) : { ...backend } }),
  };
  return { account, typed };
};

const without = ({ user }: NonNullable<Account['backend']>): NonNullable<Account['backend']> => (user === undefined ? {} : { user });

/** As the store gave it, for somebody who typed the same password; theirs alone. */
export const restored = ({ account, typed }: KeptAccount, password: string): Account => {
  const { attributes, backend } = account;
  const copy = { ...account, attributes: { ...attributes } };
  if (backend === undefined) return typed === 'secret' ? { ...copy, secret: password } : copy;
  switch (typed) {
    case 'none':
      return { ...copy, backend: { ...backend } };
    case 'secret':
      return { ...copy, secret: password, backend: { ...backend } };
    case 'backend':
      return { ...copy, backend: { ...backend, password } };
    case 'both':
      return { ...copy, secret: password, backend: { ...backend, password } };
  }
};

/** Characters that an ordinary account stays below. */
const ordinary = 256;

/** How many entries it counts for: an entry's size is the operator's to bound, and attributes are as long as a directory likes. */
export const weightOf = ({ account }: KeptAccount): number => {
  let length = account.user.length + (account.backend?.user?.length ?? 0) + (account.backend?.password?.length ?? 0);
  for (const [name, value] of Object.entries(account.attributes)) length += name.length + value.length;
  return 1 + Math.floor(length / ordinary);
};
