import type { Ask, Ban, Bans, Clock, LoginAttempt, Policy, Lifecycle, Services, Verdict } from '@postern/contract';
import { BanBook } from './ban-book.js';
import type { ThrottleConfig } from './config.js';
import { Guard } from './guard.js';
import type { Place, Places } from './place.js';
import { Queue } from './queue.js';
import { type Hold, Signs } from './signs.js';
import { Tries } from './tries.js';
import { type Visit, Visits } from './visits.js';
import { isWrong } from './wrong.js';

/** How long a login waits for others whose answers are not known yet; then it is told to come again. */
const patienceMs = 1000;
const againMs = 1000;
const tallyMs = 15_000;

/** Lets nobody try more than so many different wrong passwords, and asks no store about what comes after that. */
export class ThrottlePolicy implements Policy, Lifecycle {
  readonly #config: ThrottleConfig;
  readonly #clock: Clock;
  readonly #signs: Signs;
  readonly #visits: Visits;
  readonly #book: BanBook;
  readonly #tries: Tries;
  readonly #guard: Guard | undefined;
  readonly #queue: Queue;
  readonly #enforced: boolean;
  /** To look an address up in no networks costs as much as in many. */
  readonly #anyTrusted: boolean;
  #noTally: (() => void) | undefined;
  readonly bans: Bans;

  constructor(config: ThrottleConfig, services: Services) {
    const { shared, clock, log, changes } = services;
    this.#config = config;
    this.#clock = clock;
    this.#enforced = config.mode === 'enforce';
    this.#anyTrusted = config.trusted.toJSON().length > 0;
    const signs = new Signs(services, config.mode);
    this.#signs = signs;
    this.#visits = new Visits(config, services);
    this.#book = new BanBook({ shared, clock, log, penalty: config.penalty, changed: (count) => signs.bans(count) });
    this.#tries = new Tries(shared);
    this.#queue = new Queue(clock);
    const enforced = this.#enforced;
    this.#guard = config.guard && new Guard(config.guard, { shared, clock, changes, signs, enforced, patienceMs });
    this.bans = { list: (most) => this.#list(most), lift: (id) => this.#lift(id) };
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#book.start();
    this.#guard?.start();
    this.#tally();
    await this.#visits.start(signal);
  }

  stop(): Promise<void> {
    this.#book.stop();
    this.#guard?.stop();
    this.#visits.stop();
    this.#noTally?.();
    this.#noTally = undefined;
    return Promise.resolve();
  }

  around(next: Ask): Ask {
    return async (attempt, signal) => {
      // SMTP without a login tries no password, and mail to somebody who is kept out must still come.
      if (attempt.proof.mechanism === 'none') return next(attempt, signal);
      const visit = await this.#visits.begin(attempt);
      const ask: Ask = (asked, given) =>
        this.#guard === undefined
          ? next(asked, given)
          : this.#guard.ask(next, { attempt: asked, user: visit.places.user.id, digest: visit.digest, good: visit.standing.good }, given);
      return this.#trusts(attempt) ? this.#trusted(visit, ask, signal) : this.#limited(visit, ask, signal);
    };
  }

  rehearse(next: Ask): Ask {
    return async (attempt, signal) => {
      if (attempt.proof.mechanism === 'none' || !this.#enforced) return next(attempt, signal);
      const {
        places,
        standing: { good },
      } = await this.#visits.visitor(attempt);
      const hold = this.#trusts(attempt) ? undefined : await this.#held(closable(places, good));
      if (hold !== undefined) return { kind: 'limited', retryAfterMs: hold.retryAfterMs };
      if ((await this.#guard?.usedUp({ user: places.user.id, good })) === true) return { kind: 'limited' };
      return next(attempt, signal);
    };
  }

  #trusts({ client }: LoginAttempt): boolean {
    return this.#anyTrusted && this.#config.trusted.includes(client.ip);
  }

  async #trusted(visit: Visit, ask: Ask, signal: AbortSignal): Promise<Verdict> {
    const verdict = await ask(visit.attempt, signal);
    const recounted = await this.#visits.recounted(visit, verdict);
    if (verdict.kind === 'accepted') await this.#visits.vouch(recounted);
    return verdict;
  }

  async #limited(visit: Visit, ask: Ask, signal: AbortSignal): Promise<Verdict> {
    const { attempt, places, digest } = visit;
    // A user's own devices pass by the limits that others can reach, but not by their own.
    const limits = visit.standing.good ? [places.pair] : all(places);
    const hold = await this.#enter(visit, limits, signal);
    if (hold !== undefined && this.#enforced) return this.#signs.limited(hold);
    if (hold !== undefined) {
      this.#signs.wouldLimit(hold);
      return ask(attempt, signal);
    }
    try {
      const verdict = await ask(attempt, signal);
      return await this.#weighed(visit, verdict);
    } finally {
      await this.#tries.release(limits, digest);
      for (const { id } of limits) this.#queue.wake(id);
    }
  }

  /**
   * What is told of it, once it is counted. Under a name not known yet anybody who is kept out gets as far as the store; but they do not
   * hear its answer, or a database that takes `änn` for `ann` would give as many tries as there are ways to write a name.
   */
  async #weighed(visit: Visit, verdict: Verdict): Promise<Verdict> {
    const counted = await this.#visits.recounted(visit, verdict);
    const hold = counted === visit || !this.#enforced ? undefined : await this.#held(closable(counted.places, counted.standing.good));
    if (hold === undefined || verdict.kind !== 'accepted') await this.#settle(counted, verdict);
    return hold === undefined ? verdict : this.#signs.limited(hold);
  }

  /** Undefined: go on. Where limits are enforced, room is taken in all of `limits` then. */
  async #enter({ places, digest, standing }: Visit, limits: readonly Place[], signal: AbortSignal): Promise<Hold | undefined> {
    const end = this.#clock.monotonic() + patienceMs;
    const asked = closable(places, standing.good);
    if (!this.#enforced || asked.some(({ id }) => this.#book.knows(id))) {
      const hold = await this.#held(asked);
      if (hold !== undefined || !this.#enforced) return hold;
    }
    for (;;) {
      const full = await this.#tries.reserve(limits, digest);
      // Looked at last: a ban is made first, and then the tries behind it are forgotten.
      const hold = await this.#held(asked);
      if (hold !== undefined && full === undefined) await this.#tries.release(limits, digest);
      if (hold !== undefined || full === undefined) return hold;
      const busy = { by: full.kind, retryAfterMs: againMs };
      if (this.#clock.monotonic() >= end || !(await this.#queue.wait(full.id, signal))) return busy;
    }
  }

  async #held(asked: readonly Place[]): Promise<Hold | undefined> {
    const [ban] = (await Promise.all(asked.map(({ id }) => this.#book.find(id))))
      .filter((found) => found !== undefined)
      .sort((one, other) => other.until - one.until);
    return ban && { by: ban.kind, retryAfterMs: ban.until - this.#clock.now() };
  }

  async #settle(visit: Visit, verdict: Verdict): Promise<void> {
    const { places, digest } = visit;
    if (isWrong(verdict)) {
      const counted = all(places);
      const tries = await this.#tries.wrong(counted, digest);
      await Promise.all(counted.map((place, index) => this.#weigh(place, tries[index] ?? 0)));
    }
    if (verdict.kind !== 'accepted') return;
    // It proves that this user sits in this network. It says nothing of who else tried this user, or who else sits there.
    await Promise.all([this.#tries.forget(places.pair), this.#book.forgive(places.pair.id), this.#visits.vouch(visit)]);
  }

  async #weigh(place: Place, tries: number): Promise<void> {
    if (tries < place.limit.tries) return;
    const ban = await this.#book.impose(place, tries);
    // Another process is about to: until then, its tries keep the place closed.
    if (ban === undefined && (await this.#book.find(place.id)) === undefined) return;
    await this.#tries.forget(place);
    if (ban !== undefined) this.#signs.banned(ban);
  }

  async #list(most: number): Promise<readonly Ban[]> {
    return (await this.#book.list(most)).map((ban) => ({ ...ban, enforced: this.#enforced }));
  }

  async #lift(id: string): Promise<boolean> {
    const ban = await this.#book.lift(id);
    if (ban === undefined) return false;
    await this.#tries.forget(ban);
    this.#signs.lifted(ban);
    return true;
  }

  #tally(): void {
    this.#noTally?.();
    this.#book.tally();
    this.#noTally = this.#clock.after(tallyMs, () => this.#tally());
  }
}

const all = ({ pair, user, network }: Places): readonly Place[] => [pair, user, ...(network === undefined ? [] : [network])];

/** Those whose ban keeps this login out: that of the user does not reach a user's own networks. */
const closable = ({ pair, network, user }: Places, good: boolean): readonly Place[] => [
  pair,
  ...(network === undefined ? [] : [network]),
  ...(good ? [] : [user]),
];
