import type { Account, Change, Verdict } from '@postern/contract';
import type { CacheConfig } from './config.js';
import { type Flight } from './flight.js';
import { Flights } from './flights.js';
import { Generations } from './generations.js';
import { keep, restored } from './kept-account.js';
import type { PlainAttempt } from './keys.js';
import type { Meters } from './meters.js';
import { type No, Noes, ownerTold } from './noes.js';
import { type Success, Successes } from './successes.js';

/** A question, and what was known when it was put. */
export interface Question {
  readonly attempt: PlainAttempt;
  readonly key: string;
  /** Of the user who was typed. */
  readonly generation: number;
  /** Changes and refusals of anybody until then. */
  readonly changes: number;
}

/** How old a success is. */
export interface Remembered {
  readonly verdict: Verdict;
  readonly ageMs: number;
}

type Refused = Extract<Verdict, { readonly kind: 'refused' }>;

/** A quarter at most for what is worth least. */
const shareOfNoes = 4;

/**
 * What is remembered, and when it is over. A success ends when its proof is rejected, in whatever circumstances, when its account is refused
 * or gone, and when a change is announced; what a question that was on its way then brings home is not kept.
 */
export class Memory {
  readonly flights = new Flights();
  readonly generations = new Generations();
  /** Grows for whoever is shut out: they may be somebody's account under another name. */
  readonly #refusals = new Generations();
  readonly #config: CacheConfig;
  readonly #meters: Meters;
  readonly #successes: Successes;
  readonly #noes: Noes;

  constructor(config: CacheConfig, meters: Meters) {
    this.#config = config;
    this.#meters = meters;
    const noes = Math.floor(config.maxEntries / shareOfNoes);
    this.#noes = new Noes(noes);
    this.#successes = new Successes(config.maxEntries - noes, config.ttl + config.staleFor);
  }

  /** Grows with every change and every refusal of anybody. */
  get changes(): number {
    return this.generations.changes + this.#refusals.changes;
  }

  /** A success that nothing speaks against, of any age. */
  success({ attempt, key }: Question, now: number): Remembered | undefined {
    const { user, proof } = attempt;
    const found = this.#successes.find(user, key);
    if (found === undefined || !this.#current(found, user)) return undefined;
    return { verdict: { kind: 'accepted', account: restored(found, proof.password) }, ageMs: now - found.at };
  }

  no({ key }: Question, now: number): No | undefined {
    return this.#noes.find(key, now, (user) => this.generations.of(user));
  }

  /** Answers whether others should hear that the user's successes are over. */
  learn(question: Question, verdict: Verdict, flight: Flight, now: number): boolean {
    const { user } = question.attempt;
    let tell = false;
    switch (verdict.kind) {
      case 'accepted':
        this.#keepYes(question, verdict.account, flight);
        break;
      case 'rejected':
        tell = this.end(user, flight.proof);
        this.#keepNo(question, verdict, now);
        break;
      case 'unknown-user':
        tell = this.end(user);
        this.#keepNo(question, verdict, now);
        break;
      case 'refused':
        tell = isAboutAccount(verdict);
        if (tell) this.shutOut(user);
        else tell = this.end(user, flight.proof);
        if (mayBeRepeated(verdict) && verdict.afterOutage !== true) this.#keepNo(question, verdict, now);
        break;
      case 'limited':
      case 'unsupported':
      case 'deferred':
        break;
    }
    return tell;
  }

  /** Ends all successes of a user, and those that are this user's account under another name. */
  shutOut(user: string): void {
    this.#refusals.note({ user });
    this.end(user);
  }

  /** Ends a user's successes, of one proof or all, those on their way included; answers whether there were any. */
  end(user: string, proof?: string): boolean {
    this.flights.doom(user, proof);
    const ended = this.#successes.end(user, proof);
    if (ended) this.#meters.flushed('ended');
    this.#measure();
    return ended;
  }

  flush(change: Change): void {
    this.generations.note(change);
    if ('user' in change) {
      this.#successes.end(change.user);
      this.#meters.flushed('user');
    } else if ('domain' in change) this.#meters.flushed('domain');
    else {
      this.clear();
      this.#meters.flushed('all');
    }
    this.#measure();
  }

  clear(): void {
    this.#successes.clear();
    this.#noes.clear();
    this.#measure();
  }

  #keepYes(question: Question, account: Account, flight: Flight): void {
    const { attempt, key } = question;
    const { user, proof } = attempt;
    // Whether somebody else was changed while their account was being read under this name, nobody can tell afterwards.
    const unchanged = account.user === user ? this.#unchanged(question) : this.changes === question.changes;
    if (flight.doomed || !unchanged) return;
    const { account: copy, typed } = keep(account, user, proof.password);
    const generation = this.#generationOf(copy.user);
    this.#successes.put(user, { account: copy, typed, key, proof: flight.proof, at: Math.floor(flight.startedAt), generation });
    this.#noes.delete(key);
    this.#measure();
  }

  #keepNo(question: Question, no: No, now: number): void {
    const { negativeTtl } = this.#config;
    // What was heard under an older generation is kept under a key that nobody asks for any more, unless it is about another name's account.
    const owner = ownerTold(no);
    if (negativeTtl === 0 || (owner !== undefined && this.changes !== question.changes)) return;
    this.#noes.put(question.key, no, now + negativeTtl, owner === undefined ? 0 : this.generations.of(owner));
    this.#measure();
  }

  #unchanged({ attempt, generation }: Question): boolean {
    return this.generations.of(attempt.user) === generation;
  }

  /** The key holds the generation of the user who was typed; the account may be another's. */
  #current({ account, generation }: Success, user: string): boolean {
    return account.user === user || this.#generationOf(account.user) === generation;
  }

  #generationOf(user: string): number {
    return this.generations.of(user) + this.#refusals.of(user);
  }

  #measure(): void {
    this.#meters.holds(this.#successes.size, this.#noes.size);
  }
}

/** The others are about where and how somebody came. */
export const isAboutAccount = ({ why }: Refused): boolean => why === 'disabled' || why === 'expired' || why === 'locked';

/**
 * That TLS is missing is told in its own words as long as no store was asked, and none is when we answer: a store's refusal for that
 * reason, repeated, would say that the account exists (rule 59).
 */
export const mayBeRepeated = ({ why, proofHeld }: Refused): boolean => proofHeld || why !== 'tls-required';
