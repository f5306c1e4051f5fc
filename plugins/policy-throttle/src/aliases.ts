import type { LoginAttempt, SharedState, Verdict } from '@postern/contract';
import { userId } from './place.js';

const lifeMs = 86_400_000;

/** In the form that the host gives logins; stores tell names as they stand in their data. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/**
 * Which account a login stands for where only a store knows: learned from its answers. Tries are counted for the account, or every address
 * of a person would give an attacker new ones.
 */
export class Aliases {
  readonly #shared: SharedState;

  constructor(shared: SharedState) {
    this.#shared = shared;
  }

  /** The user to count for, as far as it is known. */
  async ownerOf({ user }: LoginAttempt): Promise<string> {
    return (await this.#shared.get(keyOf(user))) ?? user;
  }

  /** `counted`: whom this login was counted for. Answers whom it has to be counted for. */
  async learn({ user }: LoginAttempt, counted: string, verdict: Verdict): Promise<string> {
    const told = toldBy(verdict);
    if (told === undefined) return counted;
    const owner = ownerCalled(told, user);
    if (owner === counted) return counted;
    if (owner === user) await this.#shared.delete(keyOf(user));
    else await this.#shared.set(keyOf(user), owner, lifeMs);
    return owner;
  }
}

/** Whose account it is, by the store's word. A rejection without one may be somebody else's who does not know. */
const toldBy = (verdict: Verdict): string | undefined => {
  switch (verdict.kind) {
    case 'accepted':
      return verdict.account.user;
    case 'rejected':
      return verdict.user;
    case 'unknown-user':
    case 'refused':
    case 'limited':
    case 'unsupported':
    case 'deferred':
      return undefined;
  }
};

/** The user to count a login for, when a store calls its account `told`. What the host takes for two logins may be one to a store. */
export const ownerCalled = (told: string, login: string): string => (told === login ? login : folded(told));

const keyOf = (user: string): string => `a:${userId(user)}`;
