import type { Lookup } from '@postern/contract';
import type { Admission, Person } from '../admission.js';
import type { Entry } from '../directory-types.js';
import type { Found, People } from '../people.js';
import type { Searcher } from '../searcher.js';
import type { Asked } from './check.js';

export interface SeekerParts {
  readonly people: People;
  readonly searcher: Searcher;
  readonly admission: Admission;
}

/** Has the service account find people, for the checks that need an entry before they can look at a password. */
export class Seeker {
  readonly #parts: SeekerParts;

  constructor(parts: SeekerParts) {
    this.#parts = parts;
  }

  find({ names }: Asked, signal: AbortSignal): Promise<Found> {
    return this.#parts.people.find(names, this.#parts.searcher.asking(signal));
  }

  person(entry: Entry, { user, names }: Asked, signal: AbortSignal): Person {
    return { entry, user, names, ask: this.#parts.searcher.asking(signal) };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#parts.people.probe(this.#parts.searcher.asking(signal));
  }

  async lookup(asked: Asked, signal: AbortSignal): Promise<Lookup> {
    const found = await this.find(asked, signal);
    switch (found.kind) {
      case 'unclear':
        return { kind: 'deferred', cause: found.cause };
      case 'nobody':
        return { kind: 'unknown-user' };
      case 'entry':
        return this.#parts.admission.look(this.person(found.entry, asked, signal));
    }
  }
}
