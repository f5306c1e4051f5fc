import { isUtf8 } from 'node:buffer';
import type { CredentialStore, Health, Lifecycle, LoginAttempt, Services, StoreAbilities, Verdict } from '@postern/contract';
import { accountOf } from './account.js';
import { type Fields, fieldsOf, type PassportConfig } from './config.js';
import { type ImportModule, importModule, loadStrategy } from './load-strategy.js';
import { misfitOf } from './misfit.js';
import { basicOf, Offer } from './offer.js';
import { type HandedOver, runStrategy, type Said } from './run-strategy.js';
import type { Strategy } from './strategy.js';
import { Trouble } from './trouble.js';

/** What an empty question may take at the start, in milliseconds; without an answer nothing is known. */
const rehearsalMs = 1000;

/** A strategy has no word for it, so the chain asks the next store after its "no". */
const abilities: StoreAbilities = { mechanisms: ['plain'], knowsUsers: false };

/**
 * Hosts a Passport strategy. Its `success` and `fail` are the only words that mean something; all others, and none, are "cannot
 * tell".
 */
export class PassportStore implements CredentialStore, Lifecycle {
  readonly abilities = abilities;
  readonly #config: PassportConfig;
  readonly #fields: Fields;
  readonly #services: Pick<Services, 'log' | 'clock'>;
  readonly #import: ImportModule;
  readonly #trouble: Trouble;
  #strategy: Strategy | undefined;
  #misfit: string | undefined;
  #unstarted = 'not started, or stopped';

  constructor(config: PassportConfig, services: Pick<Services, 'log' | 'clock'>, load: ImportModule = importModule) {
    this.#config = config;
    this.#fields = fieldsOf(config);
    this.#services = services;
    this.#import = load;
    this.#trouble = new Trouble(services.clock);
  }

  /** Rejects when the strategy cannot be had, or shows by an empty question that it is none for mail logins. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      const strategy = await loadStrategy(this.#config, this.#import);
      await this.#rehearse(strategy, signal);
      signal.throwIfAborted();
      this.#misfit = undefined;
      this.#strategy = strategy;
    } catch (error) {
      this.#unstarted = error instanceof Error ? error.message : 'it does not start';
      throw error;
    }
  }

  health(): Promise<Health> {
    if (this.#strategy === undefined) return Promise.resolve({ status: 'down', note: 'not started' });
    if (this.#misfit !== undefined) return Promise.resolve({ status: 'down', note: this.#misfit });
    const { note } = this.#trouble;
    return Promise.resolve(note === undefined ? { status: 'up' } : { status: 'degraded', note });
  }

  stop(): Promise<void> {
    this.#strategy = undefined;
    this.#unstarted = 'stopped';
    return Promise.resolve();
  }

  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { proof } = attempt;
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    if (this.#strategy === undefined) return { kind: 'deferred', cause: new Error(`the strategy is not there: ${this.#unstarted}`) };
    // Strategies take texts: bytes that are none would be compared as something else than what was typed.
    if (proof.bytes.length === 0 || !isUtf8(proof.bytes)) return { kind: 'rejected' };
    const login = this.#config.login.render(attempt) ?? attempt.user;
    if (login === '') return { kind: 'rejected' };
    const offer = new Offer(this.#fields, { login, password: proof.password, client: attempt.client });
    const said = await runStrategy(this.#strategy, offer.request, signal, cutShort(offer, login, proof.password));
    const misfit = misfitOf(said, offer);
    this.#note(said, misfit);
    this.#trouble.heard(said, signal.aborted);
    if (misfit !== undefined) return { kind: 'deferred', cause: new Error(misfit) };
    return this.#verdict(said, login, attempt, proof.password);
  }

  #verdict(said: Said, login: string, attempt: LoginAttempt, password: string): Verdict {
    switch (said.kind) {
      case 'success':
        return { kind: 'accepted', account: accountOf(said.user, { login, user: attempt.user, field: this.#config.account }) };
      case 'fail':
        return verdictOfStatus(said.status);
      case 'error':
        return { kind: 'deferred', cause: discreet(said.cause, login, password) };
      case 'redirect':
      case 'pass':
        return { kind: 'deferred', cause: new Error(`the strategy said ${said.kind}`) };
    }
  }

  /** Loud once, and again only after a proper answer in between. */
  #note(said: Said, misfit: string | undefined): void {
    if (misfit !== undefined && misfit !== this.#misfit) this.#services.log.error(misfit);
    if (misfit !== undefined || said.kind !== 'error') this.#misfit = misfit;
  }

  /** An empty question: a strategy for passwords says no, or finds it bad. Some pass on what is not for them, which says nothing yet. */
  async #rehearse(strategy: Strategy, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const callOff = this.#services.clock.after(rehearsalMs, () => enough.abort(new Error('no answer to an empty question')));
    const offer = new Offer(this.#fields);
    try {
      const said = await runStrategy(strategy, offer.request, AbortSignal.any([signal, enough.signal]));
      const misfit = said.kind === 'fail' || said.kind === 'pass' ? undefined : misfitOf(said, offer);
      if (misfit !== undefined) throw new Error(misfit);
    } finally {
      callOff();
    }
  }
}

const verdictOfStatus = (status = 401): Verdict => {
  if (status >= 500) return { kind: 'deferred', cause: new Error(`the strategy failed with status ${status}`) };
  // RFC 6585 §4, Too Many Requests: nothing is said of the password.
  return status === 429 ? { kind: 'limited' } : { kind: 'rejected' };
};

/** passport-http 0.3 takes the password to end at its first colon: `secret:anything` would do for `secret`. */
const cutShort =
  (offer: Offer, login: string, password: string): HandedOver =>
  (args) => {
    if (!offer.onlyHeaderSeen || !password.includes(':')) return undefined;
    const at = args.indexOf(login);
    const handed = at < 0 ? password : args[at + 1];
    return typeof handed === 'string' && handed !== password
      ? 'the strategy cuts passwords at a colon, so it cannot judge this one'
      : undefined;
  };

/** Strategies' errors carry requests and replies around, passwords included: only the words are kept. */
const discreet = (cause: unknown, login: string, password: string): Error => {
  const words = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause === 'string' ? cause : 'what is no error';
  const headless = words.replaceAll(basicOf(login, password), '[secret]');
  // Taking one or two characters out everywhere would tell more than it hides.
  const clean = password.length > 2 ? headless.replaceAll(password, '[secret]') : headless;
  return new Error(`the strategy gave an error: ${clean.slice(0, 500)}`);
};
