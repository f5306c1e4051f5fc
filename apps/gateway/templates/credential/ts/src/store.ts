import type { CredentialStore, Lifecycle, LoginAttempt, Lookup, Services, Verdict } from '@postern/contract';
import type { People, Person } from './people.js';

/** Says whether a password is right. Whatever it throws counts as *deferred* ("cannot tell"), never as a wrong password. */
export class Store implements CredentialStore, Lifecycle {
  readonly abilities = { mechanisms: ['plain'], knowsUsers: true } as const;
  readonly #people: People;
  readonly #services: Pick<Services, 'log'>;
  #open = true;

  constructor(people: People, services: Pick<Services, 'log'>) {
    this.#people = people;
    this.#services = services;
  }

  async start(): Promise<void> {
    this.#open = true;
    this.#services.log.info('ready');
    return Promise.resolve();
  }

  async verify({ user, proof }: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    const person = await this.#find(user, signal);
    if (person === undefined) return { kind: 'unknown-user' };
    // Who typed no password is never let in, whatever a directory says of empty ones.
    if (proof.password === '' || !person.hasPassword(proof.password)) return { kind: 'rejected' };
    return person.enabled ? { kind: 'accepted', account: accountOf(person) } : { kind: 'refused', why: 'disabled', proofHeld: true };
  }

  async lookup(user: string, signal: AbortSignal): Promise<Lookup> {
    const person = await this.#find(user, signal);
    if (person === undefined) return { kind: 'unknown-user' };
    return person.enabled ? { kind: 'found', account: accountOf(person) } : { kind: 'refused', why: 'disabled' };
  }

  async stop(): Promise<void> {
    this.#open = false;
    return Promise.resolve();
  }

  async #find(user: string, signal: AbortSignal): Promise<Person | undefined> {
    signal.throwIfAborted();
    if (!this.#open) throw new Error('the store is stopped');
    return this.#people.find(user, signal);
  }
}

const accountOf = ({ user, attributes }: Person) => ({ user, attributes });
