import type { LoginAttempt, Services, Verdict } from '@postern/contract';
import { Aliases } from './aliases.js';
import type { ThrottleConfig } from './config.js';
import { DigestKey } from './digest-key.js';
import { KnownGood, type Standing } from './known-good.js';
import { type Places, placesOf } from './place.js';
import { proofDigest } from './proof-digest.js';

/** Whom a login is counted for. */
export interface Visitor {
  /** Of the account, where it is known that the login is another name of it. */
  readonly places: Places;
  readonly standing: Standing;
}

/** One login on its way through. */
export interface Visit extends Visitor {
  readonly attempt: LoginAttempt;
  /** Of the password: two of them tell whether somebody tries the same one again. */
  readonly digest: string;
}

/** Who comes, as far as it is known: at first by the login alone, then by the store's word. */
export class Visits {
  readonly #config: ThrottleConfig;
  readonly #key: DigestKey;
  readonly #aliases: Aliases;
  readonly #known: KnownGood;

  constructor(config: ThrottleConfig, services: Services) {
    const { shared, clock } = services;
    this.#config = config;
    this.#key = new DigestKey(config.secret, services);
    this.#aliases = new Aliases(shared);
    this.#known = new KnownGood(shared, clock, config.knownGoodFor);
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#key.start(signal);
  }

  stop(): void {
    this.#key.stop();
  }

  async begin(attempt: LoginAttempt): Promise<Visit> {
    return { attempt, digest: proofDigest(this.#key.key, attempt), ...(await this.visitor(attempt)) };
  }

  /** Asked at once for both: most logins are no alias, and the state may be a network away. */
  async visitor(attempt: LoginAttempt): Promise<Visitor> {
    const typed = placesOf(attempt, this.#config);
    const [owner, standing] = await Promise.all([this.#aliases.ownerOf(attempt), this.#known.look(typed)]);
    if (owner === attempt.user) return { places: typed, standing };
    const places = placesOf({ user: owner, client: attempt.client }, this.#config);
    return { places, standing: await this.#known.look(places) };
  }

  /** The same visit, as it has to be counted after the store's word. */
  async recounted(visit: Visit, verdict: Verdict): Promise<Visit> {
    const { attempt, places } = visit;
    const owner = await this.#aliases.learn(attempt, places.user.user, verdict);
    if (owner === places.user.user) return visit;
    const others = placesOf({ user: owner, client: attempt.client }, this.#config);
    return { ...visit, places: others, standing: await this.#known.look(others) };
  }

  /** The user sits in that network. Written down only when that was long ago. */
  async vouch({ places, standing }: Visitor): Promise<void> {
    if (!standing.fresh) await this.#known.mark(places);
  }
}
