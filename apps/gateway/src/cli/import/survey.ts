import type { Attributes } from '@postern/contract';
import { broken, type BrokenLine, type Entry, type Home, type Person } from './entry.js';
import { readStoredPassword } from './stored-password.js';

/** Somebody whose hash can be kept. */
export interface Candidate {
  readonly kind: 'candidate';
  readonly line: number;
  /** Canonical. */
  readonly user: string;
  readonly hash: string;
  readonly clear?: string;
  readonly attributes: Attributes;
}

/** The one name by which a login is known, or why it is none. */
export type Canonical = (
  login: string,
) => { readonly kind: 'user'; readonly user: string } | { readonly kind: 'malformed'; readonly why: string };

export interface SchemeCount {
  readonly scheme: string;
  readonly count: number;
  readonly weak: boolean;
}

/** What a file holds. */
export interface Findings {
  /** Whose hash can be kept. */
  readonly users: number;
  readonly schemes: readonly SchemeCount[];
  /** How many users have an attribute, by its name. */
  readonly attributes: ReadonlyMap<string, number>;
  /** Rows of a table. */
  readonly homes: number;
  /** Names without a dot among the hosts: in a table they are declared backends. */
  readonly backends: readonly string[];
  /** Sound, and not to be imported. */
  readonly leftOut: { readonly disabled: number; readonly withoutPassword: number; readonly nobody: number };
  readonly broken: readonly BrokenLine[];
}

/** Goes over the entries of a file, one after the other, and counts. Two surveys of the same entries say the same. */
export class Survey {
  readonly #canonical: Canonical;
  readonly #defaultScheme: string;
  /** The line of each user and each key; a `Map`, since `__proto__` is a login. */
  readonly #lines = new Map<string, number>();
  readonly #schemes = new Map<string, SchemeCount>();
  readonly #attributes = new Map<string, number>();
  readonly #backends = new Set<string>();
  readonly #broken: BrokenLine[] = [];
  readonly #leftOut = { disabled: 0, withoutPassword: 0, nobody: 0 };
  #users = 0;
  #homes = 0;

  constructor(canonical: Canonical, defaultScheme: string) {
    this.#canonical = canonical;
    this.#defaultScheme = defaultScheme;
  }

  /** What is to be written of an entry; undefined for nothing. */
  note(entry: Entry): Candidate | Home | undefined {
    switch (entry.kind) {
      case 'broken':
        this.#broken.push(entry);
        return undefined;
      case 'other':
        this.#leftOut.nobody += 1;
        return undefined;
      case 'person':
        return this.#person(entry);
      case 'home':
        return this.#home(entry);
    }
  }

  get findings(): Findings {
    return {
      users: this.#users,
      schemes: [...this.#schemes.values()].sort((one, other) => other.count - one.count),
      attributes: this.#attributes,
      homes: this.#homes,
      backends: [...this.#backends],
      leftOut: this.#leftOut,
      broken: this.#broken,
    };
  }

  #person({ line, user: written, stored, enabled, attributes }: Person): Candidate | undefined {
    const named = this.#canonical(written);
    if (named.kind === 'malformed') return this.#refuse(line, `the login cannot be used: ${named.why}`);
    const { user } = named;
    if (!this.#isFirst(user, line)) return this.#refuse(line, `the user of line ${this.#lines.get(user) ?? 0} stands there a second time`);
    if (!enabled) return this.#leave('disabled');
    const password = readStoredPassword(stored, this.#defaultScheme);
    if (password.kind === 'none') return this.#leave('withoutPassword');
    if (password.kind === 'unusable') return this.#refuse(line, password.why);
    this.#count(password.scheme, password.weak, attributes);
    const { hash, clear } = password;
    return { kind: 'candidate', line, user, hash, attributes, ...(clear === undefined ? {} : { clear }) };
  }

  #home(home: Home): Home | undefined {
    const key = home.key.toLowerCase();
    if (!this.#isFirst(key, home.line))
      return this.#refuse(home.line, `the key of line ${this.#lines.get(key) ?? 0} stands there a second time`);
    this.#homes += 1;
    if (/^[^.:]+$/.test(home.host)) this.#backends.add(home.host);
    return home;
  }

  #isFirst(key: string, line: number): boolean {
    if (this.#lines.has(key)) return false;
    this.#lines.set(key, line);
    return true;
  }

  #count(scheme: string, weak: boolean, attributes: Attributes): void {
    this.#users += 1;
    this.#schemes.set(scheme, { scheme, weak, count: (this.#schemes.get(scheme)?.count ?? 0) + 1 });
    for (const name of Object.keys(attributes)) this.#attributes.set(name, (this.#attributes.get(name) ?? 0) + 1);
  }

  #refuse(line: number, reason: string): undefined {
    this.#broken.push(broken(line, reason));
    return undefined;
  }

  #leave(why: 'disabled' | 'withoutPassword'): undefined {
    this.#leftOut[why] += 1;
    return undefined;
  }
}
