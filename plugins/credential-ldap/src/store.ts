import type { CredentialStore, Health, Lifecycle, LoginAttempt, Lookup, StoreAbilities, Verdict } from '@postern/contract';
import type { Check } from './checks/check.js';
import { mayBeSomebody, namesOf, namesOfUser } from './names.js';
import type { Site } from './site.js';

/** More than any directory reads; what is longer is nobody's password. */
const longestPassword = 8192;

/** Answers from a directory. */
export class LdapStore implements CredentialStore, Lifecycle {
  readonly abilities: StoreAbilities;
  readonly lookup?: (user: string, signal: AbortSignal) => Promise<Lookup>;
  readonly #check: Check;
  readonly #site: Site;
  #stopped = false;

  constructor(check: Check, site: Site) {
    this.#check = check;
    this.#site = site;
    this.abilities = { mechanisms: ['plain'], knowsUsers: check.knowsUsers };
    if (check.lookup !== undefined) this.lookup = (user, signal) => this.#look(user, signal);
  }

  /** Rejects when no server can be used now, and when the search does not work: both may mend themselves, and the host tries again. */
  async start(signal: AbortSignal): Promise<void> {
    this.#stopped = false;
    await this.#site.start(signal);
    await this.#check.probe?.(signal);
  }

  async health(signal: AbortSignal): Promise<Health> {
    return this.#stopped ? { status: 'down', note: 'stopped' } : this.#site.health(signal);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#site.stop();
    return Promise.resolve();
  }

  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { proof, user } = attempt;
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    // RFC 4513 section 5.1.2: servers take a name without a password for an anonymous success.
    if (proof.bytes.length === 0) return { kind: 'rejected' };
    if (this.#stopped || signal.aborted) return { kind: 'deferred', cause: signal.reason ?? stopped() };
    if (!mayBeSomebody(user)) return { kind: 'unknown-user' };
    if (proof.bytes.length > longestPassword) return { kind: 'rejected' };
    try {
      const { mayTry } = attempt;
      return await this.#check.verify({ user, names: namesOf(attempt), unseen: attempt.unseen === true, mayTry }, proof.bytes, signal);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  async #look(user: string, signal: AbortSignal): Promise<Lookup> {
    if (this.#stopped || signal.aborted) return { kind: 'deferred', cause: signal.reason ?? stopped() };
    if (!mayBeSomebody(user)) return { kind: 'unknown-user' };
    try {
      return (await this.#check.lookup?.({ user, names: namesOfUser(user) }, signal)) ?? { kind: 'unknown-user' };
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }
}

const stopped = (): Error => new Error('the store was stopped');
