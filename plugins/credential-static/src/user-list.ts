import type { User } from './user.js';
import { userKey } from './user-key.js';

/** Users by their keys; never changed once made. */
export class UserList {
  readonly #users: ReadonlyMap<string, User>;
  /** A stored password of the kind most users have: what an unknown user costs. Undefined when nobody has a usable one. */
  readonly usual: string | undefined;

  constructor(users: ReadonlyMap<string, User>, usual: string | undefined) {
    this.#users = users;
    this.usual = usual;
  }

  get size(): number {
    return this.#users.size;
  }

  /** `user` as the host's rules left it; where those keep upper case, it is still the same user here. */
  find(user: string): User | undefined {
    const exact = this.#users.get(user);
    if (exact !== undefined) return exact;
    const key = userKey(user);
    return key === undefined ? undefined : this.#users.get(key);
  }
}
