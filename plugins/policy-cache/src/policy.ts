import type { Ask, Clock, Lifecycle, Log, LoginAttempt, Policy, Services, Verdict } from '@postern/contract';
import type { CacheConfig } from './config.js';
import { Endings } from './endings.js';
import type { Flight } from './flight.js';
import { isPlain, Keys, type PlainAttempt } from './keys.js';
import { isAboutAccount, mayBeRepeated, Memory, type Question } from './memory.js';
import { Meters } from './meters.js';

/** Somebody who comes this long after a question was put has more time left than the one who put it. */
const lateMs = 250;

/**
 * Answers from memory what was asked lately, and asks once for all who ask the same at the same time. Remembers passwords only
 * (`plain`): the other proofs are right once, or have a time of their own in them.
 */
export class CachePolicy implements Policy, Lifecycle {
  readonly #config: CacheConfig;
  readonly #services: Pick<Services, 'changes'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys: Keys;
  readonly #meters: Meters;
  readonly #memory: Memory;
  readonly #endings: Endings;
  /** Ends the listening; undefined while nobody would tell us of changes. */
  #deafen: (() => void) | undefined;

  constructor(
    config: CacheConfig,
    services: Pick<Services, 'changes' | 'clock' | 'log' | 'metrics' | 'shared'>,
    secret: string | Uint8Array,
  ) {
    this.#config = config;
    this.#services = services;
    this.#clock = services.clock;
    this.#log = services.log;
    this.#keys = new Keys(secret, config.perAddress);
    this.#meters = new Meters(services.metrics);
    this.#memory = new Memory(config, this.#meters);
    this.#endings = new Endings(services);
  }

  start(): Promise<void> {
    if (this.#deafen !== undefined) return Promise.resolve();
    const endings = [
      this.#services.changes.follow((change) => this.#memory.flush(change)),
      this.#endings.follow((user) => this.#memory.shutOut(user)),
    ];
    this.#deafen = () => {
      for (const end of endings) end();
    };
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#deafen?.();
    this.#deafen = undefined;
    this.#endings.close();
    this.#memory.clear();
    return Promise.resolve();
  }

  around(next: Ask): Ask {
    return (attempt, signal) => {
      if (this.#deafen !== undefined && isPlain(attempt)) return this.#answer(next, attempt, signal);
      return this.#pass(next, attempt, signal);
    };
  }

  /** Neither keeps nor answers from memory. */
  rehearse(next: Ask): Ask {
    return next;
  }

  /** For proofs that are not remembered: that an account is shut out holds for its passwords, too. */
  async #pass(next: Ask, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    this.#meters.answered('passed');
    const verdict = await next(attempt, signal);
    // A recipient of mail is nobody who logs in.
    const isLogin = attempt.proof.mechanism !== 'none';
    if (isLogin && verdict.kind === 'refused' && isAboutAccount(verdict)) {
      this.#memory.shutOut(attempt.user);
      this.#endings.tell(attempt.user);
    }
    return verdict;
  }

  async #answer(next: Ask, attempt: PlainAttempt, signal: AbortSignal): Promise<Verdict> {
    const { generations, flights } = this.#memory;
    const generation = generations.of(attempt.user);
    const question = { attempt, generation, changes: this.#memory.changes, key: this.#keys.answer(attempt, generation) };
    const known = this.#known(question);
    if (known !== undefined) return known;
    const flying = flights.find(attempt.user, question.key);
    if (flying !== undefined) return this.#join(flying, question, next, signal);
    this.#meters.answered('miss');
    return this.#orStale(await this.#begin(question, next).join(signal), question);
  }

  #known(question: Question): Verdict | undefined {
    const now = this.#clock.monotonic();
    const success = this.#memory.success(question, now);
    if (success !== undefined && success.ageMs < this.#config.ttl) {
      this.#meters.answered('hit');
      return success.verdict;
    }
    const no = this.#memory.no(question, now);
    if (no !== undefined) this.#meters.answered('negative');
    return no;
  }

  async #join(flying: Flight, question: Question, next: Ask, signal: AbortSignal): Promise<Verdict> {
    const late = this.#clock.monotonic() - flying.startedAt >= lateMs;
    this.#meters.answered('joined');
    const verdict = await flying.join(signal);
    // The time of the one who put the question may be over, and not ours. To the next one we are not late.
    if (verdict.kind === 'deferred' && late) return this.#answer(next, question.attempt, signal);
    // Whether a store was asked matters for the words, so it has to be asked for this login.
    if (verdict.kind === 'refused' && !mayBeRepeated(verdict)) return next(question.attempt, signal);
    return this.#orStale(verdict, question);
  }

  #begin(question: Question, next: Ask): Flight {
    const { attempt, key } = question;
    const begun = { proof: this.#keys.proof(attempt), startedAt: this.#clock.monotonic() };
    return this.#memory.flights.begin(attempt.user, key, begun, async (flight, signal) => {
      const verdict = await asked(next, attempt, signal);
      if (this.#deafen === undefined) return verdict;
      if (this.#memory.learn(question, verdict, flight, this.#clock.monotonic())) this.#endings.tell(attempt.user);
      return verdict;
    });
  }

  /** What no store can tell may be known from before, if nothing was heard to the contrary since. */
  #orStale(verdict: Verdict, question: Question): Verdict {
    const { ttl, staleFor } = this.#config;
    if (verdict.kind !== 'deferred' || staleFor === 0) return verdict;
    const { attempt, generation } = question;
    const success = this.#memory.success(question, this.#clock.monotonic());
    const changed = this.#memory.generations.of(attempt.user) !== generation;
    if (success === undefined || changed || success.ageMs >= ttl + staleFor) return verdict;
    this.#meters.answered('stale');
    this.#log.warn('let in from memory, because no store can tell', { id: attempt.id, ageSeconds: Math.round(success.ageMs / 1000) });
    return success.verdict;
  }
}

/** A bug further in is a "cannot tell", for all who wait. */
const asked = async (next: Ask, attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> => {
  try {
    return await next(attempt, signal);
  } catch (cause) {
    return { kind: 'deferred', cause };
  }
};
