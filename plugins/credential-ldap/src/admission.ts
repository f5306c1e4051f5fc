import type { Account, Clock, Lookup, Verdict } from '@postern/contract';
import { type AccountMap, UnfitEntry } from './account.js';
import { UnclearAnswer, type BindOutcome } from './bind-outcome.js';
import type { Entry } from './directory-types.js';
import { mapFilter } from './filter/filter.js';
import type { ConfiguredFilter } from './filter/filter-field.js';
import { type Mark, markAttributes, markOf } from './marks.js';
import type { Names } from './names.js';
import type { PasswordChanged } from './password-changed.js';
import { nothing, type Ask } from './people.js';

export interface AdmissionParts {
  readonly accounts: AccountMap;
  readonly require: ConfiguredFilter | undefined;
  readonly disabled: ConfiguredFilter | undefined;
  /** Milliseconds that a lock holds; undefined: until it is gone. */
  readonly lockedFor: number | undefined;
  readonly clock: Clock;
  readonly changed: PasswordChanged;
}

/** Somebody's entry, and how to ask more about it. */
export interface Person {
  readonly entry: Entry;
  readonly names: Names;
  /** Canonical user of the login. */
  readonly user: string;
  readonly ask: Ask;
}

type Refused = Extract<Verdict, { readonly kind: 'refused' }>;

const success = 0;

/** Decides what becomes of a person whose proof was checked. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Attributes that a search for somebody must bring along. */
  get wanted(): readonly string[] {
    return [...this.#parts.accounts.wanted, ...markAttributes, ...this.#parts.changed.wanted];
  }

  /** Whether more is asked of an entry than that its password is right. */
  get needsEntry(): boolean {
    const { accounts, require, disabled } = this.#parts;
    return accounts.wanted.length > 0 || require !== undefined || disabled !== undefined;
  }

  /** After somebody's own bind. */
  async judge(outcome: BindOutcome, person: Person): Promise<Verdict> {
    switch (outcome.kind) {
      case 'held':
        return (await this.#objection(person, true)) ?? this.accept(person);
      case 'wrong':
        // Without ppolicy_use_lockout, slapd says a plain 49 to a locked account.
        return this.#shut(person) ?? this.#rejected(person);
      case 'nobody':
        return { kind: 'unknown-user' };
      case 'refused':
        return outcome;
      case 'unclear':
        return (await this.#disabled(person)) ?? { kind: 'deferred', cause: outcome.cause };
    }
  }

  /** After a check of our own. */
  async admit(person: Person, proofHeld: boolean): Promise<Verdict> {
    const mark = this.#mark(person);
    if (mark?.why === 'locked' || (mark !== undefined && proofHeld)) return refusedFor(mark, proofHeld);
    if (!proofHeld) return this.#rejected(person);
    return (await this.#objection(person, true)) ?? this.accept(person);
  }

  /** Without a proof. The directory's own marks count, since it is not asked whether it would let them in. */
  async look(person: Person): Promise<Lookup> {
    const objection = this.#mark(person) ?? (await this.#objection(person, false));
    if (objection !== undefined) return { kind: 'refused', why: objection.why };
    return { kind: 'found', account: this.#accountOf(person) };
  }

  #mark({ entry }: Person): Mark | undefined {
    return markOf(entry, { now: this.#parts.clock.now(), lockedFor: this.#parts.lockedFor });
  }

  #shut(person: Person): Refused | undefined {
    const mark = this.#mark(person);
    return mark?.early === true ? refusedFor(mark, false) : undefined;
  }

  /** Where the directory does not say why it refuses the bind. */
  async #disabled(person: Person): Promise<Refused | undefined> {
    const mark = this.#mark(person);
    // A lock may be over, and its mark still there.
    if (mark !== undefined && mark.why !== 'locked') return refusedFor(mark, false);
    return (await this.#isDisabled(person)) ? disabledBy(false) : undefined;
  }

  accept(person: Person): Verdict {
    return { kind: 'accepted', account: this.#accountOf(person) };
  }

  #rejected({ entry, user }: Person): Verdict {
    const owner = this.#parts.accounts.ownerOf(entry, user);
    return owner === undefined || owner === user ? { kind: 'rejected' } : { kind: 'rejected', user: owner };
  }

  #accountOf({ entry, user }: Person): Account {
    const account = this.#parts.accounts.accountOf(entry, user);
    const changed = this.#parts.changed.of(entry);
    if (changed === undefined) return account;
    // What the config maps to the same name stays.
    return { ...account, attributes: { passwordChangedAt: String(changed), ...account.attributes } };
  }

  async #objection(person: Person, proofHeld: boolean): Promise<Refused | undefined> {
    const { require } = this.#parts;
    if (await this.#isDisabled(person)) return disabledBy(proofHeld);
    if (require === undefined || (await matches(require, person))) return undefined;
    return { kind: 'refused', why: 'policy', proofHeld, rule: 'the filter of `require`' };
  }

  async #isDisabled(person: Person): Promise<boolean> {
    const { disabled } = this.#parts;
    return disabled !== undefined && matches(disabled, person);
  }
}

const disabledBy = (proofHeld: boolean): Refused => ({ kind: 'refused', why: 'disabled', proofHeld, rule: 'the filter of `disabled`' });

const refusedFor = ({ why, rule }: Mark, proofHeld: boolean): Refused => ({ kind: 'refused', why, proofHeld, rule });

/** The directory compares, by its own rules. Throws when it does not say. */
const matches = async (filter: ConfiguredFilter, { entry, names, ask }: Person): Promise<boolean> => {
  const base = certainDn(entry);
  const result = await ask({ base, scope: 'base', filter: mapFilter(filter.tree, (value) => value.render(names)), attributes: nothing });
  if (result.code !== success) throw new UnclearAnswer('search', result);
  return result.entries.length > 0;
};

/** Throws an `UnfitEntry`. */
export const certainDn = (entry: Entry): string => {
  if (entry.dn === undefined) throw new UnfitEntry('the DN of the entry cannot be told: it is no text');
  return entry.dn;
};
