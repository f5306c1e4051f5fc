import { createHash, timingSafeEqual } from 'node:crypto';
import type { PersonConfig } from './config.js';

export interface Person {
  readonly user: string;
  readonly enabled: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether this is the password of that person. */
  hasPassword(password: string): boolean;
}

/** Where the people are. Write your own: ask your HTTP service or your database here, and pass the signal on. */
export interface People {
  /** Undefined: there is no such person. Rejects when it cannot tell, which is something else. */
  find(user: string, signal: AbortSignal): Promise<Person | undefined>;
}

/** The people that stand in the config itself. */
export class ConfiguredPeople implements People {
  readonly #people: ReadonlyMap<string, Person>;

  constructor(people: readonly PersonConfig[]) {
    // A map and no object: `__proto__` is a legal login.
    this.#people = new Map(people.map((person) => [person.user, personOf(person)]));
  }

  find(user: string): Promise<Person | undefined> {
    return Promise.resolve(this.#people.get(user));
  }
}

const personOf = ({ user, enabled, team, password }: PersonConfig): Person => ({
  user,
  enabled,
  attributes: team === undefined ? {} : { team },
  hasPassword: (typed) => sameText(typed, password.reveal()),
});

/** As long for a nearly right password as for a wrong one. Passwords that are stored belong hashed: see `@node-rs/argon2`. */
const sameText = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
