import {
  definePlugin,
  type CredentialStore,
  type Health,
  type Lifecycle,
  type LoginAttempt,
  type Lookup,
  type Services,
  type StoreAbilities,
  type Verdict,
} from '@postern/contract';
import { z } from 'zod';
import { Memory } from './memory.js';
import { TokenService } from './token-service.js';
import { tokensConfig, type TokensConfig } from './tokens-config.js';

/** What the service tells of somebody. */
const profile = z.object({ team: z.string().optional(), host: z.string().optional() });

type Metered = Record<'answers', ReturnType<Services['metrics']['counter']>> & Record<'took', ReturnType<Services['metrics']['histogram']>>;

/** People log in with tokens that a service of the company knows. */
class TokenStore implements CredentialStore, Lifecycle {
  readonly abilities: StoreAbilities = { mechanisms: ['plain'], knowsUsers: true };
  readonly #services: Services;
  readonly #service: TokenService;
  readonly #memory: Memory;
  readonly #metrics: Metered;
  #trouble: string | undefined = 'not started';

  constructor(config: TokensConfig, services: Services) {
    this.#services = services;
    this.#service = new TokenService(config);
    this.#memory = new Memory(services, { pepper: config.pepper.reveal(), ttlMs: config.rememberFor });
    this.#metrics = {
      answers: services.metrics.counter({ name: 'company_answers_total', help: 'What the token service said.', labels: ['said'] }),
      took: services.metrics.histogram({ name: 'company_service_seconds', help: 'How long the token service took.' }),
    };
  }

  /** Fails when the certificates cannot be read or the service is out; the host tries again. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#service.open();
    this.#memory.open();
    this.#trouble = 'not started';
    const { status } = await this.#ask('/health', {}, signal);
    if (status !== 200) throw new Error(`the service says ${status}`);
  }

  health(): Promise<Health> {
    return Promise.resolve(this.#trouble === undefined ? { status: 'up' } : { status: 'down', note: this.#trouble });
  }

  stop(): Promise<void> {
    this.#trouble = 'stopped';
    this.#memory.close();
    this.#service.close();
    return Promise.resolve();
  }

  async verify({ user, proof }: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    if (proof.mechanism !== 'plain') return { kind: 'unsupported' };
    // Never asked: a service that knows no empty token may still take one.
    if (proof.bytes.length === 0) return { kind: 'rejected' };
    signal.throwIfAborted();
    if (this.#trouble === 'stopped') throw new Error('stopped');
    const known = await this.#memory.find(user, proof.password);
    if (known !== undefined) return this.#count('remembered', { kind: 'accepted', account: known });
    const askedAt = this.#services.clock.now();
    const verdict = verdictOf(user, await this.#ask('/verify', { user, token: proof.password }, signal));
    if (verdict.kind === 'accepted') await this.#memory.keep(verdict.account, proof.password, askedAt);
    return this.#count(verdict.kind, verdict);
  }

  async lookup(user: string, signal: AbortSignal): Promise<Lookup> {
    const { status, body } = await this.#ask('/lookup', { user }, signal);
    if (status === 200) return { kind: 'found', account: { user, attributes: attributesOf(body) } };
    if (status === 404) return { kind: 'unknown-user' };
    return status === 423 ? { kind: 'refused', why: 'disabled' } : { kind: 'deferred', cause: new Error(`the service says ${status}`) };
  }

  async #ask(path: string, body: object, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
    const begun = this.#services.clock.monotonic();
    try {
      const reply = await this.#service.ask(path, body, signal);
      if (this.#trouble !== 'stopped') this.#trouble = undefined;
      return reply;
    } catch (error) {
      // A login that was given up says nothing of the service.
      if (!signal.aborted && this.#trouble !== 'stopped') this.#trouble = error instanceof Error ? error.message : 'unknown trouble';
      throw error;
    } finally {
      this.#metrics.took.observe((this.#services.clock.monotonic() - begun) / 1000);
    }
  }

  #count(said: string, verdict: Verdict): Verdict {
    this.#metrics.answers.inc({ said });
    return verdict;
  }
}

/** Only what the service says in so many words is a no. Everything else is an outage. */
const verdictOf = (user: string, { status, body }: { readonly status: number; readonly body: string }): Verdict => {
  switch (status) {
    case 200:
      return { kind: 'accepted', account: { user, attributes: attributesOf(body) } };
    case 401:
      return { kind: 'rejected' };
    case 404:
      return { kind: 'unknown-user' };
    case 423:
      return { kind: 'refused', why: 'disabled', proofHeld: body.includes('"proofHeld":true') };
    case 429:
      return { kind: 'limited' };
    default:
      return { kind: 'deferred', cause: new Error(`the service says ${status}`) };
  }
};

/** Throws for what is no profile: an accepted user without the right host would open an empty mailbox. */
const attributesOf = (body: string): Readonly<Record<string, string>> => {
  const read = profile.parse(JSON.parse(body));
  return Object.fromEntries(Object.entries(read).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
};

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'credential-store',
  use: 'company-tokens',
  config: tokensConfig,
  create: (config, services) => new TokenStore(config, services),
});
