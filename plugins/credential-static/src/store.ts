import {
  type CredentialStore,
  type Health,
  type Lifecycle,
  type LoginAttempt,
  type Lookup,
  type Proof,
  type StoreAbilities,
  TroubleOfThisLogin,
  type Verdict,
} from '@postern/contract';
import { checkDigest, checkPassword, clearText, type SchemeRules } from '@postern/passwords';
import type { Source } from './source.js';
import type { User } from './user.js';

type DigestProof = Extract<Proof, { readonly salt: string }>;

/**
 * Answers from a list of users.
 *
 * Unknown users, users without a password and disabled ones cost what a check of the list's usual scheme costs
 * (rule 59); a list of mixed schemes shows which scheme a user has, as everywhere.
 */
export class StaticStore implements CredentialStore, Lifecycle {
  readonly abilities: StoreAbilities = { mechanisms: ['plain', 'apop', 'cram-md5'], knowsUsers: true };
  readonly #source: Source;
  readonly #rules: SchemeRules;
  #stopped = false;

  constructor(source: Source, rules: SchemeRules) {
    this.#source = source;
    this.#rules = rules;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#source.start();
  }

  health(): Promise<Health> {
    return Promise.resolve(this.#stopped ? { status: 'down', note: 'stopped' } : this.#source.health());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#source.stop();
  }

  /** Nothing is awaited for cheap schemes. Rejects, which counts as deferred, when too many heavy checks wait. */
  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const users = this.#stopped ? undefined : this.#source.current;
    if (users === undefined) return notRead;
    if (signal.aborted) return { kind: 'deferred', cause: signal.reason };
    const user = users.find(attempt.user);
    const { proof } = attempt;
    switch (proof.mechanism) {
      case 'plain': {
        if (proof.bytes.length === 0) return { kind: 'rejected' };
        const stand = attempt.unseen === true ? undefined : users.usual;
        const stored = user === undefined || user.stored === '' ? stand : user.stored;
        const check = stored === undefined ? 'mismatch' : checkPassword(proof.bytes, stored, this.#rules, signal);
        const result = check instanceof Promise ? await check : check;
        if (user === undefined) return { kind: 'unknown-user' };
        if (user.stored === '') return verdict(user, false, attempt);
        if (typeof result === 'object') return { kind: 'deferred', cause: new TroubleOfThisLogin(`the stored password: ${result.why}`) };
        return verdict(user, result === 'match', attempt);
      }
      case 'apop':
      case 'cram-md5':
        return this.#verifyDigest(user, proof, attempt);
      case 'external':
      case 'none':
      case 'xoauth2':
      case 'oauthbearer':
        return { kind: 'unsupported' };
    }
  }

  lookup(name: string): Promise<Lookup> {
    return Promise.resolve(this.#lookup(name));
  }

  /** Only {PLAIN} and {CRAM-MD5} can be computed with; without them the answer is that of a wrong password, at the same price (rule 31). */
  #verifyDigest(user: User | undefined, proof: DigestProof, attempt: LoginAttempt): Verdict {
    const check = checkDigest(proof.mechanism, proof.salt, proof.digest, user?.stored, this.#rules);
    if (user === undefined) return { kind: 'unknown-user' };
    return verdict(user, check === 'match', attempt, clearText(user.stored, this.#rules));
  }

  #lookup(name: string): Lookup {
    const users = this.#stopped ? undefined : this.#source.current;
    if (users === undefined) return notRead;
    const user = users.find(name);
    if (user === undefined) return { kind: 'unknown-user' };
    if (!user.enabled) return { kind: 'refused', why: 'disabled' };
    // A lookup does not say where the client is, so nobody with a list of networks gets in this way.
    return user.admits === undefined ? { kind: 'found', account: user.account } : { kind: 'refused', why: 'policy' };
  }
}

const notRead = { kind: 'deferred', cause: new Error('the list of users is not there: not read yet, not readable, or stopped') } as const;

const verdict = (user: User, held: boolean, attempt: LoginAttempt, secret?: string): Verdict => {
  if (!user.enabled) return { kind: 'refused', why: 'disabled', proofHeld: held };
  if (user.admits?.(attempt.client.ip) === false) return { kind: 'refused', why: 'policy', proofHeld: held };
  if (!held) return { kind: 'rejected' };
  return { kind: 'accepted', account: secret === undefined ? user.account : { ...user.account, secret } };
};
