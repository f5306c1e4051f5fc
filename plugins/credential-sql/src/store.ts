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
import { burn, checkDigest, checkPassword, clearText, hashPassword, hashSchemes, type SchemeRules, UsualHash } from '@postern/passwords';
import { type Database, StatementFailed } from '@postern/sql';
import type { ChangeFeed } from './change-feed.js';
import { bindingsOfLogin, bindingsOfUser, canBeALogin } from './bindings.js';
import type { noPasswordRule } from './config.js';
import { KeptHashes } from './kept-hashes.js';
import type { Statements } from './statements.js';
import { type UserRow, userRowOf } from './user-row.js';

type DigestProof = Extract<Proof, { readonly salt: string }>;

/** Nobody's name, for the question at the start. */
const nobody = { user: 'nobody@postern.invalid', protocol: 'imap', client: { ip: '192.0.2.1' } } as const;

export interface SqlStoreParts {
  readonly database: Database;
  readonly statements: Statements;
  readonly rules: SchemeRules;
  /** What a user without a password is. */
  readonly noPassword: ReturnType<typeof noPasswordRule>;
  /** Absent: the database tells nothing by itself. */
  readonly feed?: ChangeFeed;
}

/** Asks a database for the row of a login and checks the password here. */
export class SqlStore implements CredentialStore, Lifecycle {
  readonly abilities: StoreAbilities = { mechanisms: ['plain', 'apop', 'cram-md5'], knowsUsers: true };
  /** There when the config has a statement for it. */
  declare readonly enroll?: NonNullable<CredentialStore['enroll']>;
  declare readonly kept?: NonNullable<CredentialStore['kept']>;
  /** There when, besides, a user without a password is unknown here. */
  declare readonly withdraw?: NonNullable<CredentialStore['withdraw']>;
  readonly #database: Database;
  readonly #statements: Statements;
  readonly #rules: SchemeRules;
  readonly #noPassword: SqlStoreParts['noPassword'];
  readonly #feed: ChangeFeed | undefined;
  #usual: UsualHash | undefined;
  #checked = 0;

  constructor({ database, statements, rules, noPassword, feed }: SqlStoreParts) {
    this.#database = database;
    this.#statements = statements;
    this.#rules = rules;
    this.#noPassword = noPassword;
    this.#feed = feed;
    const hashes = new KeptHashes({ database, statements, defaultScheme: rules.defaultScheme });
    if (statements.enroll !== undefined) {
      this.enroll = (account, password, signal) => hashes.enroll(account, password, signal);
      this.kept = (user, signal) => hashes.kept(user, signal);
    }
    if (statements.withdraw !== undefined) this.withdraw = (user, hash, signal) => hashes.withdraw(user, hash, signal);
  }

  /** Throws when no server answers, and when the query does not work: both may mend themselves, and the host tries again. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#supposeCost(signal);
    await this.#feed?.start();
    await this.#database.start(signal);
    try {
      userRowOf(await this.#database.query(this.#statements.query, bindingsOfLogin(nobody), signal), nobody.user, true);
    } catch (error) {
      if (error instanceof StatementFailed && isAboutValues(error)) return;
      throw new Error(`the query does not work: ${error instanceof Error ? error.message : 'unknown trouble'}`);
    }
  }

  async health(): Promise<Health> {
    const health = await this.#database.health();
    const trouble = this.#feed?.trouble;
    if (trouble === undefined) return health;
    const note = health.note === undefined ? trouble : `${health.note}; ${trouble}`;
    return { status: health.status === 'up' ? 'degraded' : health.status, note };
  }

  async stop(): Promise<void> {
    await this.#feed?.stop();
    await this.#database.stop();
  }

  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { proof } = attempt;
    switch (proof.mechanism) {
      case 'plain':
        if (proof.bytes.length === 0) return { kind: 'rejected' };
        return this.#verifyPlain(await this.#find(attempt, signal), proof.bytes, attempt, signal);
      case 'apop':
      case 'cram-md5':
        return this.#verifyDigest(await this.#find(attempt, signal), proof, attempt.user);
      case 'external':
      case 'none':
      case 'xoauth2':
      case 'oauthbearer':
        return { kind: 'unsupported' };
    }
  }

  async lookup(user: string, signal: AbortSignal): Promise<Lookup> {
    const { lookup } = this.#statements;
    if (lookup === undefined) return { kind: 'deferred', cause: noLookup };
    if (!canBeALogin(user)) return { kind: 'unknown-user' };
    const found = userRowOf(await this.#database.query(lookup, bindingsOfUser(user), signal), user, false);
    if (found === undefined) return { kind: 'unknown-user' };
    return found.enabled ? { kind: 'found', account: found.account } : { kind: 'refused', why: 'disabled' };
  }

  /** Until a user was seen, the usual scheme is the default one, where we can make a hash of it. */
  async #supposeCost(signal: AbortSignal): Promise<void> {
    const { defaultScheme } = this.#rules;
    const scheme = hashSchemes.find((one) => one === (defaultScheme === 'CRYPT' ? 'BLF-CRYPT' : defaultScheme)) ?? 'SSHA512';
    this.#usual ??= new UsualHash(this.#rules, await hashPassword(Buffer.from('a password that nobody has'), scheme, signal));
  }

  async #find(attempt: LoginAttempt, signal: AbortSignal): Promise<UserRow | undefined> {
    if (!canBeALogin(attempt.user)) return undefined;
    const rows = await this.#database.query(this.#statements.query, bindingsOfLogin(attempt), signal);
    return userRowOf(rows, attempt.user, true);
  }

  /** Unknown users, and users without a password, cost what a check of the usual scheme costs (rule 59), as far as anybody sees it. */
  async #verifyPlain(user: UserRow | undefined, password: Uint8Array, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    if (user === undefined || user.stored === '') {
      if (this.#usual !== undefined && attempt.unseen !== true) await burn(password, this.#usual.stored, this.#rules, signal);
      return user === undefined ? { kind: 'unknown-user' } : this.#withoutPassword(user, attempt.user);
    }
    const result = await checkPassword(password, user.stored, this.#rules, signal);
    if (typeof result === 'object') return { kind: 'deferred', cause: new TroubleOfThisLogin(`the stored password: ${result.why}`) };
    this.#note(user.stored);
    return verdict(user, result === 'match', attempt.user);
  }

  /** The first ones all, then some: what is usual does not change from login to login. */
  #note(stored: string): void {
    this.#checked += 1;
    if (this.#checked < 64 || this.#checked % 16 === 0) this.#usual?.note(stored);
  }

  /** Where there is nothing to compute with, the answer is that of a wrong password, at the same price (rule 31). */
  #verifyDigest(user: UserRow | undefined, { mechanism, salt, digest }: DigestProof, login: string): Verdict {
    const stored = user === undefined || user.stored === '' ? undefined : user.stored;
    const held = checkDigest(mechanism, salt, digest, stored, this.#rules) === 'match';
    if (user === undefined) return { kind: 'unknown-user' };
    return stored === undefined ? this.#withoutPassword(user, login) : verdict(user, held, login, clearText(stored, this.#rules));
  }

  /** Whoever is not enabled here is refused, wherever else there is a password. */
  #withoutPassword(user: UserRow, login: string): Verdict {
    return user.enabled && this.#noPassword === 'unknown-user' ? { kind: 'unknown-user' } : verdict(user, false, login);
  }
}

const noLookup = new Error('the query asks for {protocol} or {clientIp}, which is not known here; give a statement as lookup');

/** SQLSTATE class 22, "data exception": the made-up name does not fit a column's type. Says nothing of real names. */
const isAboutValues = ({ code }: StatementFailed): boolean => code.startsWith('22');

const verdict = (user: UserRow, held: boolean, login: string, secret?: string): Verdict => {
  if (!user.enabled) return { kind: 'refused', why: 'disabled', proofHeld: held };
  if (!held) return user.account.user === login ? { kind: 'rejected' } : { kind: 'rejected', user: user.account.user };
  return { kind: 'accepted', account: secret === undefined ? user.account : { ...user.account, secret } };
};
