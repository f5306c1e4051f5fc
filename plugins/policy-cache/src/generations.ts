import { splitUser, type Change } from '@postern/contract';

const slots = 65_536;

/** FNV-1a. Only changes that were announced count here, so nobody gains by finding users that share a slot. */
const slotOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 16)) & (slots - 1);
};

/**
 * A number for each user that grows whenever something about them may have changed. What was learnt under an older number is void.
 *
 * Of fixed size however many users change: some share a counter, and then a change of one makes the others be asked anew, too.
 * Case does not matter, as an announcement may come from a database that does not fold it.
 */
export class Generations {
  readonly #users: Uint32Array = new Uint32Array(slots);
  readonly #domains: Uint32Array = new Uint32Array(slots);
  #everybody = 0;
  #changes = 0;

  /** Grows with every change of anybody. */
  get changes(): number {
    return this.#changes;
  }

  /** Never gets smaller. */
  of(user: string): number {
    const folded = user.toLowerCase();
    return this.#everybody + count(this.#users, folded) + count(this.#domains, splitUser(folded).domain);
  }

  note(change: Change): void {
    this.#changes += 1;
    if ('user' in change) raise(this.#users, change.user.toLowerCase());
    else if ('domain' in change) raise(this.#domains, change.domain.toLowerCase());
    else this.#everybody += 1;
  }
}

const count = (counters: Uint32Array, name: string): number => counters[slotOf(name)] ?? 0;

const raise = (counters: Uint32Array, name: string): void => {
  counters[slotOf(name)] = count(counters, name) + 1;
};
