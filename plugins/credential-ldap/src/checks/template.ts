import { type Lookup, type Template, TroubleOfThisLogin, type Verdict } from '@postern/contract';
import { type Admission, certainDn } from '../admission.js';
import { readBind } from '../bind-outcome.js';
import type { Connections } from '../connections.js';
import { Entry, type Connection } from '../directory-types.js';
import { isDnTemplate, renderName } from '../dn-template.js';
import { anyEntry } from '../filter/filter.js';
import { onlyOne, unrendered, withSomething, type Ask, type Found, type People } from '../people.js';
import { folded } from '../names.js';
import type { Searcher } from '../searcher.js';
import { ownAccount, type ServiceAccount } from '../service-account.js';
import type { Asked, Check } from './check.js';

export interface TemplateParts {
  readonly template: Template;
  /** Connections that log in as people. */
  readonly binds: Connections;
  readonly admission: Admission;
  /** How to find the entry afterwards; undefined: it is at the DN. */
  readonly people: People | undefined;
  /** The service account, where there is one. */
  readonly searcher: Searcher | undefined;
  readonly account: ServiceAccount;
}

const noSuchObject = 32;
const invalidDnSyntax = 34;

/**
 * Logs in under a name made of the login, without searching first. A directory says 49 to a wrong password and to a name that
 * it does not have, so this check does not know its users.
 */
export class TemplateBind implements Check {
  readonly knowsUsers = false;
  readonly lookup?: (asked: Asked, signal: AbortSignal) => Promise<Lookup>;
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  readonly #parts: TemplateParts;
  /** Of the entry at the DN. */
  readonly #attributes: readonly string[];

  constructor(parts: TemplateParts) {
    this.#parts = parts;
    this.#attributes = withSomething(parts.admission.wanted);
    const { people, searcher } = parts;
    if (searcher === undefined) return;
    this.lookup = (asked, signal) => this.#look(asked, searcher.asking(signal));
    if (people !== undefined) this.probe = (signal) => people.probe(searcher.asking(signal));
  }

  async verify(asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    const name = this.#name(asked);
    if (typeof name !== 'string') return ofFound(name);
    if (this.#parts.account.isCalled(name)) return ownAccount;
    return (await this.#barred(asked, signal)) ?? this.#bind(name, asked, password, signal);
  }

  /**
   * Where tries are counted, the service account tells whose they are: to Active Directory one account has several names to log in under.
   * Who is not found by `filter` cannot be let in afterwards either.
   */
  async #barred(asked: Asked, signal: AbortSignal): Promise<Verdict | undefined> {
    const { people, searcher, account } = this.#parts;
    const { mayTry } = asked;
    if (mayTry === undefined || searcher === undefined || people === undefined) return undefined;
    const found = await people.find(asked.names, searcher.asking(signal));
    if (found.kind !== 'entry') return ofFound(found);
    if (account.owns(found.entry)) return ownAccount;
    return (await mayTry(folded(certainDn(found.entry)))) ? undefined : { kind: 'limited' };
  }

  #bind(name: string, asked: Asked, password: Uint8Array, signal: AbortSignal): Promise<Verdict> {
    return this.#parts.binds.use(signal, async (connection) => {
      const result = await connection.bind(name, password, signal);
      if (cannotBe(asked.user, result.code)) return { kind: 'unknown-user' };
      const outcome = readBind(result);
      if (outcome.kind !== 'held' || !this.#parts.admission.needsEntry) return this.#withoutEntry(outcome, asked);
      return this.#asHimself(connection, name, asked, signal);
    });
  }

  /** The connection is the person's own now, and reads what the person may read. */
  async #asHimself(connection: Connection, name: string, asked: Asked, signal: AbortSignal): Promise<Verdict> {
    const ask: Ask = (query) => connection.search(query, signal);
    const found = await this.#entry(name, asked, ask);
    if (found.kind === 'entry') return this.#parts.admission.judge({ kind: 'held' }, { ...asked, entry: found.entry, ask });
    if (found.kind === 'unclear')
      return {
        kind: 'deferred',
        cause: new Error('the password is right, but the entry cannot be read by its owner', { cause: found.cause }),
      };
    // Of this login: Active Directory takes names that `filter` need not know.
    const why = 'the password is right, but no entry is found for the login, or its owner may not read it';
    return { kind: 'deferred', cause: new TroubleOfThisLogin(why) };
  }

  #withoutEntry(outcome: ReturnType<typeof readBind>, asked: Asked): Promise<Verdict> | Verdict {
    if (outcome.kind === 'unclear') return { kind: 'deferred', cause: outcome.cause };
    const ask: Ask = () => Promise.reject(new Error('there is nothing to ask'));
    return this.#parts.admission.judge(outcome, { ...asked, entry: new Entry(undefined, new Map()), ask });
  }

  async #look(asked: Asked, ask: Ask): Promise<Lookup> {
    const name = this.#name(asked);
    const found = typeof name === 'string' ? await this.#entry(name, asked, ask) : name;
    return found.kind === 'entry' ? this.#parts.admission.look({ ...asked, entry: found.entry, ask }) : ofFound(found);
  }

  async #entry(name: string, { user, names }: Asked, ask: Ask): Promise<Found> {
    const { people } = this.#parts;
    if (people !== undefined) return people.find(names, ask);
    const result = await ask({ base: name, scope: 'base', filter: anyEntry, attributes: this.#attributes });
    return result.code === noSuchObject || cannotBe(user, result.code) ? { kind: 'nobody' } : onlyOne(result);
  }

  /** The name to log in under, or why there is none. */
  #name({ user, names }: Asked): string | Exclude<Found, { kind: 'entry' }> {
    const { template } = this.#parts;
    if (isDnTemplate(template) && isFoldable(user)) return { kind: 'nobody' };
    try {
      return renderName(template, names);
    } catch (error) {
      const found = unrendered(error);
      return found.kind === 'entry' ? { kind: 'nobody' } : found;
    }
  }
}

/**
 * Whether a directory may take a name for another one (RFC 4518: compatibility letters, runs of spaces). Here nobody reads
 * back how the entry spells it, and its twin would count as another user with the same password.
 */
const isFoldable = (user: string): boolean =>
  user.normalize('NFKC') !== user.normalize('NFC') || /\s{2}|^\s|\s$|[\p{Cf}\p{Mn}]/u.test(user);

/** Attributes such as `mail` hold ASCII alone: in a DN of theirs no other name can be. About a plain name, 34 blames the template. */
const cannotBe = (user: string, code: number): boolean => code === invalidDnSyntax && /[^\x20-\x7e]/.test(user);

const ofFound = (found: Exclude<Found, { kind: 'entry' }>): Extract<Verdict & Lookup, { kind: 'deferred' | 'unknown-user' }> =>
  found.kind === 'nobody' ? { kind: 'unknown-user' } : { kind: 'deferred', cause: found.cause };
