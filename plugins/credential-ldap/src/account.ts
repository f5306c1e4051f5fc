import { isUtf8 } from 'node:buffer';
import { asciiDomain, splitUser, TroubleOfThisLogin, type Account } from '@postern/contract';
import type { Entry } from './directory-types.js';
import { folded } from './names.js';

/** The entry cannot be an account; for the operator. */
export class UnfitEntry extends TroubleOfThisLogin {
  override readonly name = 'UnfitEntry';
}

/**
 * What the config wants to know of an entry, under our names. Several values of one attribute become one text with commas
 * between them, sorted, since directories keep no order.
 */
export class AccountMap {
  readonly #user: string | undefined;
  readonly #attributes: readonly (readonly [ours: string, theirs: string])[];

  /** `attributes`: our names and the directory's; ours called `user` is the canonical user. */
  constructor(attributes: ReadonlyMap<string, string> = new Map()) {
    this.#user = attributes.get('user');
    this.#attributes = [...attributes].filter(([ours]) => ours !== 'user');
  }

  /** What a search must bring along. */
  get wanted(): readonly string[] {
    return [...(this.#user === undefined ? [] : [this.#user]), ...this.#attributes.map(([, theirs]) => theirs)];
  }

  /** Throws an `UnfitEntry`. `typed` is the login's canonical user. */
  accountOf(entry: Entry, typed: string): Account {
    const attributes = this.#attributes.flatMap(([ours, theirs]): [string, string][] => {
      const texts = textsOf(entry, theirs);
      return texts.length === 0 ? [] : [[ours, [...texts].sort().join(',')]];
    });
    return { user: this.#userOf(entry, typed), attributes: Object.fromEntries(attributes) };
  }

  /** Whose entry it is; undefined where that cannot be told, or the entry is not there to look at. */
  ownerOf(entry: Entry, typed: string): string | undefined {
    try {
      return this.#userOf(entry, typed);
    } catch (error) {
      if (error instanceof UnfitEntry) return undefined;
      throw error;
    }
  }

  #userOf(entry: Entry, typed: string): string {
    if (this.#user === undefined) return typed;
    const users = textsOf(entry, this.#user).map((text) => canonical(text));
    const [only] = users;
    if (users.includes(typed)) return typed;
    if (only === undefined || users.length > 1) {
      throw new UnfitEntry(
        `the entry has ${users.length} values of ${this.#user}, and none is the login: its canonical user cannot be told`,
      );
    }
    return only;
  }
}

const textsOf = (entry: Entry, attribute: string): readonly string[] =>
  entry.values(attribute).map((value) => {
    if (!isUtf8(value)) throw new UnfitEntry(`the entry's ${attribute} is no text`);
    return value.toString('utf8');
  });

/** In the form that the host gives logins; what cannot be one is the directory's mistake. */
const canonical = (text: string): string => {
  const { local, domain } = splitUser(folded(text));
  const ascii = domain === '' ? '' : asciiDomain(domain);
  if (local === '' || ascii === undefined || /[\p{Cc}\p{Cs}]|^\s|\s$/u.test(text))
    throw new UnfitEntry('the canonical user of the entry is no login');
  return ascii === '' ? local : `${local}@${ascii}`;
};
