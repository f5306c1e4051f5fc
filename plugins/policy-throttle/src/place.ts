import { hash } from 'node:crypto';
import type { Ban, LoginAttempt } from '@postern/contract';
import type { Limit, ThrottleConfig } from './config.js';
import { networkOf } from './network.js';

/** Something that wrong passwords are counted for. */
export interface Place {
  readonly kind: Ban['kind'];
  /** Also the ban's id: letters, digits, `-` and `_`. Of one length, so that nobody can make keys of the state long. */
  readonly id: string;
  readonly user?: string;
  readonly network?: string;
  readonly limit: Limit;
}

/** The places of one login. */
export interface Places {
  readonly pair: Place;
  readonly user: Place & { readonly user: string };
  /** Not there for a client without an address. */
  readonly network?: Place;
}

type Limits = Pick<ThrottleConfig, 'user' | 'network' | 'pair'>;

/** What a client without an address comes from: no network is called so. */
const local = 'local';

export const placesOf = ({ user, client }: Pick<LoginAttempt, 'user' | 'client'>, limits: Limits): Places => {
  const network = networkOf(client.ip, limits.network);
  return {
    pair: { kind: 'user-in-network', id: pairId(user, network), user, network: network ?? local, limit: limits.pair ?? limits.user },
    user: { kind: 'user', id: userId(user), user, limit: limits.user },
    ...(network !== undefined && { network: { kind: 'network', id: idOf('n', network), network, limit: limits.network } }),
  };
};

export const userId = (user: string): string => idOf('u', user);

/** An account as a store calls it: by a DN, a number. */
export const accountId = (account: string): string => idOf('a', account);

// With the length in front, no user can be called so that the pair reads as another.
const pairId = (user: string, network = local): string => idOf('p', `${user.length}:${user}${network}`);

/** The first letter is one that no command line takes for an option. */
const idOf = (kind: 'u' | 'n' | 'p' | 'a', text: string): string => kind + hash('sha256', `${kind}:${text}`, 'base64url').slice(0, 17);
