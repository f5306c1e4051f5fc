import type {
  Account,
  CredentialStore,
  Enrolled,
  Kept,
  LoginAttempt,
  Lookup,
  PasswordHash,
  RefusedWhy,
  StoreAbilities,
  Verdict,
} from '@postern/contract';
import { checkPassword } from '@postern/passwords';

export interface MemoryUser {
  /** As stored; absent: none. */
  hash?: string;
  disabled?: RefusedWhy;
  /** Canonical name, where it is not the login. */
  user?: string;
  changedAt?: number;
}

const rules = { defaultScheme: 'PLAIN', allowWeak: ['PLAIN'] };

/** A store in memory that keeps hashes, counts what it is asked and can be out. */
export class MemoryStore implements CredentialStore {
  readonly abilities: StoreAbilities = { mechanisms: ['plain'], knowsUsers: true };
  readonly users = new Map<string, MemoryUser>();
  /** Passwords that were tried here, in order. */
  readonly tried: string[] = [];
  readonly lookedUp: string[] = [];
  readonly asked: string[] = [];
  badBinds = 0;
  down = false;
  /** Awaited before each answer of these. */
  readonly gates = new Map<'lookup' | 'enroll' | 'kept' | 'withdraw', () => Promise<unknown>>();

  add(user: string, parts: MemoryUser = {}): this {
    this.users.set(user, parts);
    return this;
  }

  async verify(attempt: LoginAttempt): Promise<Verdict> {
    const { user: login, proof } = attempt;
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    this.tried.push(proof.password);
    if (this.down) return { kind: 'deferred', cause: new Error('down') };
    const user = this.#find(login);
    if (user === undefined || (user.hash === undefined && user.disabled === undefined)) return { kind: 'unknown-user' };
    const held = user.hash !== undefined && (await checkPassword(proof.bytes, user.hash, rules)) === 'match';
    if (user.disabled !== undefined) return { kind: 'refused', why: user.disabled, proofHeld: held };
    if (held) return { kind: 'accepted', account: accountOf(login, user) };
    this.badBinds += 1;
    return { kind: 'rejected' };
  }

  async lookup(login: string): Promise<Lookup> {
    this.lookedUp.push(login);
    await this.gates.get('lookup')?.();
    if (this.down) return { kind: 'deferred', cause: new Error('down') };
    const user = this.#find(login);
    if (user === undefined) return { kind: 'unknown-user' };
    return user.disabled === undefined ? { kind: 'found', account: accountOf(login, user) } : { kind: 'refused', why: user.disabled };
  }

  async kept(name: string): Promise<Kept> {
    this.asked.push(`kept ${name}`);
    await this.gates.get('kept')?.();
    if (this.down) return { kind: 'deferred', cause: new Error('down') };
    const hash = this.users.get(name)?.hash;
    return hash === undefined ? { kind: 'nothing' } : { kind: 'kept', hash };
  }

  async enroll({ user: name }: Account, { hash, previous }: PasswordHash): Promise<Enrolled> {
    this.asked.push(`enroll ${name}`);
    await this.gates.get('enroll')?.();
    return this.#set(name, previous, hash);
  }

  async withdraw(name: string, hash: string): Promise<Enrolled> {
    this.asked.push(`withdraw ${name}`);
    await this.gates.get('withdraw')?.();
    return this.#set(name, hash, undefined);
  }

  #set(name: string, previous: string | undefined, hash: string | undefined): Enrolled {
    if (this.down) return { kind: 'deferred', cause: new Error('down') };
    const user = this.users.get(name);
    if (user === undefined || user.hash !== previous) return { kind: 'conflict' };
    if (hash === undefined) delete user.hash;
    else user.hash = hash;
    return { kind: 'enrolled' };
  }

  /** By the login, or by the canonical name of another login. */
  #find(login: string): MemoryUser | undefined {
    return this.users.get(login);
  }
}

const accountOf = (login: string, { user, changedAt }: MemoryUser): Account => ({
  user: user ?? login,
  attributes: { host: 'mail-a', ...(changedAt === undefined ? {} : { passwordChangedAt: String(changedAt) }) },
});
