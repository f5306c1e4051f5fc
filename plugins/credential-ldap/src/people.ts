import { isOfThisLogin, type Log, TroubleOfThisLogin } from '@postern/contract';
import { UnclearAnswer } from './bind-outcome.js';
import type { Entry, Query, SearchResult } from './directory-types.js';
import { anyEntry, mapFilter } from './filter/filter.js';
import type { FilterTemplate } from './filter/parse.js';
import { Spelling } from './filter/spelling.js';
import { MissingName } from './filter/value-template.js';
import { type Names, nobodysNames } from './names.js';

/** Asks the directory something. */
export type Ask = (query: Query) => Promise<SearchResult>;

export type Found =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'nobody' }
  /** Says nothing about anybody. */
  | { readonly kind: 'unclear'; readonly cause: Error };

export interface PeopleParts {
  readonly base: string;
  readonly scope: Query['scope'];
  readonly filter: FilterTemplate;
  /** Attributes to bring along. */
  readonly wanted: readonly string[];
  readonly log: Log;
}

const success = 0;
const sizeLimitExceeded = 4;

/** Finds the entry of a login. */
export class People {
  readonly #parts: PeopleParts;
  readonly #spelling: Spelling;
  readonly #attributes: readonly string[];

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#spelling = new Spelling(parts.filter);
    this.#attributes = withSomething([...parts.wanted, ...this.#spelling.attributes]);
  }

  async find(names: Names, ask: Ask): Promise<Found> {
    const { base, scope, filter } = this.#parts;
    let bound;
    try {
      bound = mapFilter(filter, (value) => value.render(names));
    } catch (error) {
      return unrendered(error);
    }
    const result = await ask({ base, scope, filter: bound, attributes: this.#attributes });
    const found = onlyOne(result);
    return found.kind === 'entry' && !this.#spelling.holds(found.entry, names) ? { kind: 'nobody' } : found;
  }

  /** Looks for nobody, as a login would. Throws why logins cannot be answered; that several are called so says nothing of others. */
  async probe(ask: Ask): Promise<void> {
    const { base, log } = this.#parts;
    const found = await this.find(nobodysNames, ask);
    if (found.kind === 'unclear' && !isOfThisLogin(found.cause))
      throw new Error(`the search below ${JSON.stringify(base)} does not work: ${found.cause.message}`);
    const seen = await ask({ base, scope: 'base', filter: anyEntry, attributes: nothing });
    // 389 answers so to whom it shows nothing. What lies below may be seen all the same, so this is no reason not to start.
    if (seen.code === success && seen.entries.length === 0)
      log.warn('the directory shows nothing at `base`: where it shows nobody below, everybody is an unknown user', { base });
  }
}

export const unrendered = (error: unknown): Found => {
  if (!(error instanceof MissingName)) throw error;
  return error.ofUser ? { kind: 'nobody' } : { kind: 'unclear', cause: error };
};

/** No such base is no answer about anybody: 32 means an unknown user only for the user's own DN. */
export const onlyOne = (result: SearchResult): Found => {
  const [entry, second] = result.entries;
  // Two are asked for: who says "too many" after fewer has a limit of one.
  if ((second !== undefined && result.code === success) || result.code === sizeLimitExceeded) {
    return { kind: 'unclear', cause: new TroubleOfThisLogin('several entries match the login: nobody can tell which it is') };
  }
  if (result.code !== success) return { kind: 'unclear', cause: new UnclearAnswer('search', result) };
  return entry === undefined ? { kind: 'nobody' } : { kind: 'entry', entry };
};

/** No attributes at all (RFC 4511 section 4.5.1.8). */
export const nothing: readonly string[] = ['1.1'];

/** An empty list would mean every attribute. */
export const withSomething = (attributes: readonly string[]): readonly string[] => (attributes.length === 0 ? nothing : attributes);
