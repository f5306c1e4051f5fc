import { randomBytes } from 'node:crypto';
import type { Lookup, Verdict } from '@postern/contract';
import { certainDn } from '../admission.js';
import { readBind } from '../bind-outcome.js';
import { folded } from '../names.js';
import { ownAccount, type ServiceAccount } from '../service-account.js';
import type { Connections } from '../connections.js';
import type { Asked, Check } from './check.js';
import { Seeker, type SeekerParts } from './seeker.js';

export interface SearchBindParts extends SeekerParts {
  /** Connections that log in as people. */
  readonly binds: Connections;
  /** DN that stands in for people who are not there; undefined: nothing does. */
  readonly decoy: string | undefined;
  readonly account: ServiceAccount;
}

/** The service account finds the entry; another connection logs in as it. */
export class SearchBind implements Check {
  readonly knowsUsers = true;
  readonly #parts: SearchBindParts;
  readonly #seeker: Seeker;

  constructor(parts: SearchBindParts) {
    this.#parts = parts;
    this.#seeker = new Seeker(parts);
  }

  async verify(asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    const found = await this.#seeker.find(asked, signal);
    switch (found.kind) {
      case 'unclear':
        return { kind: 'deferred', cause: found.cause };
      case 'nobody':
        if (asked.unseen !== true) await this.#takeAsLong(signal);
        return { kind: 'unknown-user' };
      case 'entry': {
        if (this.#parts.account.owns(found.entry)) {
          await this.#takeAsLong(signal);
          return ownAccount;
        }
        const person = this.#seeker.person(found.entry, asked, signal);
        const dn = certainDn(found.entry);
        // Whoever locks accounts counts for the entry, whatever name it was found under.
        if ((await asked.mayTry?.(folded(dn))) === false) return { kind: 'limited' };
        const result = await this.#parts.binds.use(signal, (connection) => connection.bind(dn, password, signal));
        return this.#parts.admission.judge(readBind(result), person);
      }
    }
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#seeker.probe(signal);
  }

  lookup(asked: Asked, signal: AbortSignal): Promise<Lookup> {
    return this.#seeker.lookup(asked, signal);
  }

  /** With a password of our own: what was typed may be somebody's in another store. Nothing depends on the answer. */
  async #takeAsLong(signal: AbortSignal): Promise<void> {
    const { decoy, binds } = this.#parts;
    if (decoy === undefined) return;
    const nobodys = Buffer.from(randomBytes(12).toString('hex'));
    await binds.use(signal, (connection) => connection.bind(decoy, nobodys, signal)).catch(() => undefined);
  }
}
