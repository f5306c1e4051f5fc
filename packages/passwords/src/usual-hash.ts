import { examine, type SchemeRules } from './verify.js';

/** How many of the latest hashes decide. */
const remembered = 64;

/**
 * What a check usually costs in a store that sees its hashes one by one, a database or a directory: something to `burn` for
 * users that are not there. The most frequent cost among the latest 64 hashes counts.
 */
export class UsualHash {
  readonly #rules: SchemeRules;
  readonly #first: string;
  #latest: readonly { readonly cost: string; readonly stored: string }[] = [];

  /** `first` is burnt until a hash was seen: one of the scheme that the operator expects, or of `hashPassword`. */
  constructor(rules: SchemeRules, first: string) {
    this.#rules = rules;
    this.#first = first;
  }

  /** Hashes that cannot be used, and the marks of locked accounts, cost nothing to check and do not count. */
  note(stored: string): void {
    const { cost, scheme } = examine(stored, this.#rules);
    if (cost === undefined || scheme === 'LOCKED') return;
    this.#latest = [{ cost, stored }, ...this.#latest.slice(0, remembered - 1)];
  }

  /** A stored text of the usual cost. */
  get stored(): string {
    const counts = new Map<string, number>();
    for (const { cost } of this.#latest) counts.set(cost, (counts.get(cost) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return this.#latest.find(({ cost }) => counts.get(cost) === most)?.stored ?? this.#first;
  }
}
