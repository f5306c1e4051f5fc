import type { Ask, LedgerEvent, Lifecycle, LoginAttempt, Policy, Services, Verdict } from '@postern/contract';
import { Captures } from './captures.js';
import { schemeOf, type CaptureConfig } from './config.js';
import { Enroller } from './enroller.js';
import { Enrolling } from './enrolling.js';
import { HashMaker } from './hash-maker.js';
import { Hearing } from './hearing.js';
import { Line } from './line.js';
import { Meters } from './meters.js';
import { Mismatches } from './mismatches.js';
import { NewerInOld } from './newer.js';
import { Objections, type Objection } from './objections.js';
import { Settled } from './settled.js';
import { Withdrawal } from './withdrawal.js';

type Accepted = Extract<Verdict, { readonly kind: 'accepted' }>;

/** `by`: whose word it is. */
interface Answer {
  readonly verdict: Verdict;
  readonly by: 'from' | 'into' | 'another';
}

/** Taking hashes away is cheap, and should not wait behind those that are made. */
const withdrawing = { perSecond: 100, atOnce: 1, waiting: 10_000 } as const;

/** Moves passwords from one store into another as they are typed, and sees to it that the two do not say different things. */
export class CapturePolicy implements Policy, Lifecycle {
  readonly #config: CaptureConfig;
  readonly #services: Services;
  readonly #meters: Meters;
  readonly #captures: Captures;
  readonly #settled: Settled;
  readonly #enrolling: Enrolling;
  readonly #withdrawing: Line;
  readonly #objections: Objections;
  readonly #newer: NewerInOld;
  readonly #mismatches: Mismatches;
  #logins = 0;
  /** Ends the listening; undefined while it has not begun. */
  #deafen: (() => void) | undefined;

  constructor(config: CaptureConfig, services: Services) {
    const { stores, ledger, changes, clock, log, metrics } = services;
    const { from, into, lookupTimeout: timeoutMs, clockSkew: skewMs, shadows } = config;
    const meters = new Meters(metrics);
    const captures = new Captures({ ledger, stores, clock, from, into, timeoutMs });
    const settled = new Settled(clock);
    const withdrawal = new Withdrawal({ stores, ledger, changes, clock, log, meters, into, timeoutMs });
    const enroller = new Enroller({ ...config, stores, ledger, changes, captures, settled, hashes: new HashMaker(schemeOf(config)) });
    this.#config = config;
    this.#services = services;
    this.#meters = meters;
    this.#captures = captures;
    this.#settled = settled;
    this.#enrolling = new Enrolling({ clock, log, ledger, meters, settled, enroller, into, rules: config });
    this.#withdrawing = new Line({ clock, log, rules: withdrawing, waiting: () => undefined });
    this.#objections = new Objections(config, services);
    this.#newer = new NewerInOld({ stores, captures, withdrawal, from, timeoutMs, skewMs });
    this.#mismatches = new Mismatches({ captures, withdrawal, line: this.#withdrawing, from, into, shadows });
  }

  start(): Promise<void> {
    if (this.#deafen !== undefined) return Promise.resolve();
    const endings = [
      this.#services.ledger.follow((event) => this.#hear(event)),
      this.#services.changes.follow((change) => {
        this.#settled.forget(change);
        this.#objections.forget(change);
      }),
    ];
    this.#deafen = () => {
      for (const end of endings) end();
    };
    this.#enrolling.start();
    this.#withdrawing.start();
    return Promise.resolve();
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#deafen?.();
    this.#deafen = undefined;
    await Promise.all([this.#enrolling.stop(signal), this.#withdrawing.stop(signal)]);
  }

  around(next: Ask): Ask {
    return async (attempt, signal) => {
      this.#logins += 1;
      const login = { order: this.#logins, began: this.#services.clock.now() };
      const verdict = await next(attempt, signal);
      const hearing = this.#hearing(attempt);
      if (hearing === undefined) return verdict;
      const answer = await this.#answer(verdict, hearing, signal);
      if (answer.verdict.kind === 'accepted') this.#enrolling.consider(answer.verdict.account, answer.by, { attempt, ...login });
      return answer.verdict;
    };
  }

  /** Nothing is kept, noted or taken away, and the old store is not asked about a password. */
  rehearse(next: Ask): Ask {
    return async (attempt, signal) => {
      const verdict = await next(attempt, signal);
      const hearing = this.#hearing(attempt);
      if (hearing === undefined || verdict.kind !== 'accepted') return verdict;
      return (await this.#outage(verdict, hearing, signal)) ?? (await this.#objections.rehearse(verdict, hearing, signal)) ?? verdict;
    };
  }

  #hear(event: LedgerEvent): void {
    this.#captures.hear(event);
    this.#mismatches.hear(event);
  }

  /** Undefined: no store was asked about this login, or it is mail to somebody and nobody's login. */
  #hearing(attempt: LoginAttempt): Hearing | undefined {
    if (attempt.proof.mechanism === 'none') return undefined;
    const heard = this.#services.stores.heard(attempt);
    return heard.length === 0 ? undefined : new Hearing(attempt, heard, this.#config);
  }

  async #answer(verdict: Verdict, hearing: Hearing, signal: AbortSignal): Promise<Answer> {
    if (verdict.kind === 'rejected' && hearing.rejectedByIntoAlone) {
      const newer = await this.#newer.verdict(hearing.attempt, signal);
      if (newer === undefined) return { verdict, by: 'into' };
      this.#meters.turned('newer');
      return { verdict: newer, by: 'from' };
    }
    const { by } = hearing;
    this.#objections.hear(verdict, hearing);
    if (verdict.kind === 'unknown-user') return (await this.#afterWithdrawal(hearing, signal)) ?? { verdict, by };
    if (verdict.kind !== 'accepted') return { verdict, by };
    const outage = await this.#outage(verdict, hearing, signal);
    if (outage !== undefined) {
      this.#meters.turned('outage');
      this.#takeBack(verdict, hearing);
      return { verdict: outage, by };
    }
    const { refusal, ...said } = await this.#objections.to(verdict, hearing, signal);
    if (refusal !== undefined) {
      this.#meters.turned('disabled');
      this.#takeBack(verdict, hearing);
      return { verdict: refusal, by };
    }
    return (await this.#afterChange(verdict, said, hearing, signal)) ?? { verdict, by };
  }

  /** Who remembers answers further in must not let in by this one: each time, since each time it may just have been learnt. */
  #takeBack({ account }: Accepted, { attempt }: Hearing): void {
    for (const user of new Set([account.user, attempt.user])) this.#services.changes.announce({ user });
  }

  /**
   * A user whose hash was taken away is known to the old store alone; where the chain no longer asks that one, nobody would know the
   * user. Who that is, only the ledger says: when it cannot, nobody may say no.
   */
  async #afterWithdrawal({ attempt, leftToNobody }: Hearing, signal: AbortSignal): Promise<Answer | undefined> {
    const { stores } = this.#services;
    const from = stores.get(this.#config.from);
    if (!leftToNobody || from === undefined) return undefined;
    const standing = await this.#captures.ofPerson({ user: attempt.user, login: attempt.user }, signal);
    switch (standing.kind) {
      case 'captured':
      case 'not-captured':
        return undefined;
      // A hash that was begun has not arrived, or was about to be taken away: there is none.
      case 'begun':
      case 'withdrawn':
        return { verdict: await from.verify(attempt, signal), by: 'from' };
      case 'unclear': {
        const cause = new Error('the ledger cannot tell whether the old store alone knows this user', { cause: standing.cause });
        return { verdict: { kind: 'deferred', cause }, by: 'another' };
      }
    }
  }

  /** The new store has taken a password that was changed in the old one since: the old store says whether it is the present one. */
  async #afterChange(
    { account }: Accepted,
    { changed, name = account.user }: Objection,
    hearing: Hearing,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const { attempt, by } = hearing;
    if (changed === undefined || by !== 'into' || attempt.proof.mechanism !== 'plain') return undefined;
    const newer = await this.#newer.insteadOf([name, account.user, attempt.user], changed, attempt, signal);
    if (newer === undefined) return undefined;
    this.#meters.turned('newer');
    return { verdict: newer, by: 'from' };
  }

  /** Whoever was captured may have another password in the new store by now: the old one does not speak for it. */
  async #outage({ account }: Accepted, hearing: Hearing, signal: AbortSignal): Promise<Verdict | undefined> {
    if (!hearing.intoDeferred) return undefined;
    const standing = await this.#captures.of([account.user, hearing.attempt.user], signal);
    const { into } = this.#config;
    switch (standing.kind) {
      case 'not-captured':
      case 'withdrawn':
        return undefined;
      case 'captured':
      case 'begun':
        return { kind: 'deferred', cause: new Error(`${into} cannot tell, and it is its word that counts for this user`) };
      case 'unclear': {
        const why = `${into} cannot tell, and neither can the ledger whether its word counts for this user`;
        return { kind: 'deferred', cause: new Error(why, { cause: standing.cause }) };
      }
    }
  }
}
