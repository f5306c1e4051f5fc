import { randomBytes } from 'node:crypto';
import type { Lookup, Verdict } from '@postern/contract';
import { certainDn, type Admission, type Person } from '../admission.js';
import { readBind } from '../bind-outcome.js';
import type { Entry } from '../directory-types.js';
import type { Found, People } from '../people.js';
import type { Searcher } from '../searcher.js';
import type { Pool } from '../pool.js';
import type { Asked, Check } from './check.js';

export interface SearchBindParts {
  readonly people: People;
  readonly searcher: Searcher;
  /** Connections that log in as people. */
  readonly binds: Pool;
  readonly admission: Admission;
  /** DN that stands in for people who are not there; undefined: nothing does. */
  readonly decoy: string | undefined;
}

/** The service account finds the entry; another connection logs in as it. */
export class SearchBind implements Check {
  readonly knowsUsers = true;
  readonly #parts: SearchBindParts;

  constructor(parts: SearchBindParts) {
    this.#parts = parts;
  }

  async verify(asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    const found = await this.#find(asked, signal);
    switch (found.kind) {
      case 'unclear':
        return { kind: 'deferred', cause: found.cause };
      case 'nobody':
        if (asked.unseen !== true) await this.#takeAsLong(signal);
        return { kind: 'unknown-user' };
      case 'entry': {
        const person = this.#person(found.entry, asked, signal);
        const dn = certainDn(found.entry);
        const result = await this.#parts.binds.use(signal, (connection) => connection.bind(dn, password, signal));
        return this.#parts.admission.judge(readBind(result), person);
      }
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#parts.people.probe(this.#parts.searcher.asking(signal));
  }

  async lookup(asked: Asked, signal: AbortSignal): Promise<Lookup> {
    const found = await this.#find(asked, signal);
    switch (found.kind) {
      case 'unclear':
        return { kind: 'deferred', cause: found.cause };
      case 'nobody':
        return { kind: 'unknown-user' };
      case 'entry':
        return this.#parts.admission.look(this.#person(found.entry, asked, signal));
    }
  }

  #find({ names }: Asked, signal: AbortSignal): Promise<Found> {
    return this.#parts.people.find(names, this.#parts.searcher.asking(signal));
  }

  #person(entry: Entry, { user, names }: Asked, signal: AbortSignal): Person {
    return { entry, user, names, ask: this.#parts.searcher.asking(signal) };
  }

  /** With a password of our own: what was typed may be somebody's in another store. Nothing depends on the answer. */
  async #takeAsLong(signal: AbortSignal): Promise<void> {
    const { decoy, binds } = this.#parts;
    if (decoy === undefined) return;
    const nobodys = Buffer.from(randomBytes(12).toString('hex'));
    await binds.use(signal, (connection) => connection.bind(decoy, nobodys, signal)).catch(() => undefined);
  }
}
