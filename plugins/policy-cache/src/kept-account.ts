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

/** A copy that shares nothing with the store's own and is the same for everybody who gets it. */
export const keep = (given: Account, user: string, password: string): KeptAccount => {
  const typed = typedIn(given, password);
  const { secret, backend } = given;
  const account: Account = Object.freeze({
    // One text and not two equal ones, in the usual case.
    user: given.user === user ? user : given.user,
    attributes: Object.freeze({ ...given.attributes }),
    ...(secret === undefined || typed === 'secret' || typed === 'both' ? {} : { secret }),
    ...(backend === undefined
      ? {}
      : { backend: Object.freeze(typed === 'none' || typed === 'secret' ? { ...backend } : without(backend)) }),
  });
  return { account, typed };
};

const without = ({ user }: NonNullable<Account['backend']>): NonNullable<Account['backend']> => (user === undefined ? {} : { user });

/** As the store gave it, for somebody who typed the same password. */
export const restored = ({ account, typed }: KeptAccount, password: string): Account => {
  switch (typed) {
    case 'none':
      return account;
    case 'secret':
      return { ...account, secret: password };
    case 'backend':
      return { ...account, backend: { ...account.backend, password } };
    case 'both':
      return { ...account, secret: password, backend: { ...account.backend, password } };
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
