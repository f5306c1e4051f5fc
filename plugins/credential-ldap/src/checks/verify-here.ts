import { type Lookup, TroubleOfThisLogin, type Verdict } from '@postern/contract';
import { burn, UsualHash, verifyPassword, type SchemeRules } from '@postern/passwords';
import type { Entry } from '../directory-types.js';
import type { Asked, Check } from './check.js';
import { Seeker, type SeekerParts } from './seeker.js';

export interface VerifyHereParts extends SeekerParts {
  /** Attribute with the hash. */
  readonly attribute: string;
  readonly rules: SchemeRules;
}

type Proven = 'match' | 'mismatch' | { readonly why: string };

/** The service account fetches the entry with its hash, and the password is checked against it here. */
export class VerifyHere implements Check {
  readonly knowsUsers = true;
  readonly #parts: VerifyHereParts;
  readonly #seeker: Seeker;
  /** What a check of an unknown user costs, too. The hash seen last will not do: whoever has an account decides which that is. */
  #usual: UsualHash | undefined;

  constructor(parts: VerifyHereParts) {
    this.#parts = parts;
    this.#seeker = new Seeker(parts);
  }

  async verify(asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    const found = await this.#seeker.find(asked, signal);
    switch (found.kind) {
      case 'unclear':
        return { kind: 'deferred', cause: found.cause };
      case 'nobody':
        if (this.#usual !== undefined && asked.unseen !== true) await burn(password, this.#usual.stored, this.#parts.rules, signal);
        return { kind: 'unknown-user' };
      case 'entry': {
        const proven = await this.#prove(found.entry, password, signal);
        if (typeof proven === 'object') return { kind: 'deferred', cause: new TroubleOfThisLogin(proven.why) };
        return this.#parts.admission.admit(this.#seeker.person(found.entry, asked, signal), proven === 'match');
      }
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#seeker.probe(signal);
  }

  lookup(asked: Asked, signal: AbortSignal): Promise<Lookup> {
    return this.#seeker.lookup(asked, signal);
  }

  /** Any of several hashes will do. One that cannot be judged by leaves it open whether the password is wrong. */
  async #prove(entry: Entry, password: Uint8Array, signal: AbortSignal): Promise<Proven> {
    const { attribute, rules } = this.#parts;
    const kept = entry.values(attribute).map((value) => value.toString('utf8'));
    // Nobody can tell an account without a password from one whose password the service account may not read.
    if (kept.length === 0) return { why: `the entry shows no ${attribute} to the service account` };
    let proven: Proven = 'mismatch';
    for (const stored of kept) {
      const check = await verifyPassword(password, stored, rules, signal);
      if (check === 'match') proven = check;
      else if (typeof check === 'object' && proven === 'mismatch') proven = { why: `the stored password: ${check.why}` };
      if (typeof check !== 'object') this.#note(stored);
      if (proven === 'match') break;
    }
    return proven;
  }
  #note(stored: string): void {
    this.#usual ??= new UsualHash(this.#parts.rules, stored);
    this.#usual.note(stored);
  }
}
