import { setMaxListeners } from 'node:events';
import type { Clock, CredentialStore, Health, Lifecycle, LoginAttempt, Services, StoreAbilities, Verdict } from '@postern/contract';
import type { ImapConfig } from './config.js';
import type { Place } from './place.js';
import { type Servers, serversOf } from './servers.js';
import { Session } from './session.js';
import { verdictOf } from './verdict-of.js';

/** An IMAP server does not tell an unknown user from a wrong password. */
const abilities: StoreAbilities = { mechanisms: ['plain'], knowsUsers: false };

/** Controls have no place in a login; NUL would end it early in SASL PLAIN (RFC 4616 §2). */
const controls = /\p{Cc}/u;

/** Verifies a password by logging in at an IMAP server, and out again. */
export class ImapStore implements CredentialStore, Lifecycle {
  readonly abilities = abilities;
  readonly #config: ImapConfig;
  readonly #clock: Clock;
  readonly #servers: Servers;
  /** Aborted at the stop. */
  #life = newLife();

  constructor(config: ImapConfig, services: Pick<Services, 'clock' | 'routes'>) {
    this.#config = config;
    this.#clock = services.clock;
    this.#servers = serversOf(config, services);
  }

  start(): Promise<void> {
    if (this.#life.signal.aborted) this.#life = newLife();
    return Promise.resolve();
  }

  /** Ends every login that is being tried. */
  stop(): Promise<void> {
    this.#life.abort(new Error('the store was stopped'));
    return Promise.resolve();
  }

  async health(signal: AbortSignal): Promise<Health> {
    if (this.#life.signal.aborted) return { status: 'down', note: 'the store was stopped' };
    return this.#servers.health((place) =>
      this.#inTime(signal, async (limited) => {
        const session = await Session.open(place, this.#config, 'unix:', limited);
        session.end();
      }),
    );
  }

  async verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { proof } = attempt;
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    const login = this.#config.login.render(attempt) ?? '';
    if (proof.bytes.length === 0 || proof.bytes.includes(0) || login === '' || controls.test(login)) return { kind: 'rejected' };
    try {
      return await this.#inTime(signal, async (limited) => {
        const server = await this.#servers.serverFor(attempt, limited);
        return server.judge(login, limited, signal, () => this.#probe(server.place, login, proof.bytes, attempt, limited));
      });
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  async #probe(place: Place, login: string, password: Uint8Array, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    const { user, client } = attempt;
    const session = await Session.open(place, this.#config, client.ip, signal);
    try {
      await session.introduce(client.ip);
      return verdictOf(await session.login(Buffer.from(login), password), { user, attributes: {} });
    } finally {
      session.end();
    }
  }

  /** Until the configured time is over, the caller's signal aborts, or the store stops. */
  async #inTime<T>(signal: AbortSignal, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const { timeout } = this.#config;
    const callOff = this.#clock.after(timeout, () => limit.abort(new Error(`no answer within ${timeout} ms`)));
    // Not `AbortSignal.any`: in Node 20 a signal that lives long, as the store's, keeps something of each that is made of it.
    const unbind = [signal, this.#life.signal].map((one) => passOn(one, limit));
    try {
      return await work(limit.signal);
    } finally {
      callOff();
      for (const undo of unbind) undo();
    }
  }
}

/** Every login listens to it. */
const newLife = (): AbortController => {
  const life = new AbortController();
  setMaxListeners(0, life.signal);
  return life;
};

const passOn = (signal: AbortSignal, to: AbortController): (() => void) => {
  const abort = (): void => to.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
};
