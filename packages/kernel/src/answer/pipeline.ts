import { askedOf, type CertificateRule, type RawAttempt } from '@postern/auth-http';
import type { Ask, BackendRouter, Clock, Log, LoginAttempt, Policy } from '@postern/contract';
import { attemptId } from './attempt-id.js';
import { causeText } from './cause.js';
import { Chain } from './chain.js';
import { OutOfTime } from './deadline.js';
import { Decider, type How } from './decider.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import { LoginTime } from './login-time.js';
import { OpenJournals } from './open-journals.js';
import type { Decision, Outcome } from './outcome.js';
import type { Placer } from './placement.js';
import { rehearsal, surround, trial } from './policies.js';
import { Recipients, type RecipientRules } from './recipients.js';
import { Routers } from './routers.js';
import type { Seat, StoreSeat } from './seat.js';
import type { Observer } from './shadow/observer.js';

export interface PipelineParts {
  readonly identity: Pick<Identity, 'canonical'>;
  /** Absent: `external` is rejected. */
  readonly certificateRule?: CertificateRule | undefined;
  readonly stores: readonly StoreSeat[];
  readonly policies: readonly Seat<Policy>[];
  readonly routers: readonly Seat<BackendRouter>[];
  readonly placer: Pick<Placer, 'place'>;
  /** Milliseconds for a whole answer. */
  readonly deadlineMs: number;
  readonly requireTls: boolean;
  /** SMTP without a login; undefined: nobody's mail is relayed. */
  readonly none: RecipientRules | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the attempts that are being answered are kept, by id; default: a place of its own. */
  readonly journals?: OpenJournals;
  /** Hears of logins once they are answered. */
  readonly observer?: Pick<Observer, 'observe'> | undefined;
}

/** Answers logins: identity, policies around the chain, routers, placement, all within one deadline. */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #time: LoginTime;
  readonly #chain: Chain;
  readonly #recipients: Recipients;
  readonly #decider: Decider;
  /** The attempts that are being answered, by id. */
  readonly #open: OpenJournals;

  /** Throws when a policy's `around` or `rehearse` does, or a store declares no abilities. */
  constructor(parts: PipelineParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.#open = parts.journals ?? new OpenJournals();
    this.#time = new LoginTime(clock, parts.deadlineMs);
    this.#chain = new Chain({ stores: parts.stores, clock, log, moments: this.#time.moments });
    this.#recipients = new Recipients(parts.none);
    const askStores: Ask = (attempt, signal) => this.#askStores(attempt, signal);
    const around = { policies: parts.policies, clock, log, journalOf: (id: string) => this.#open.get(id) };
    const asks = {
      login: surround(askStores, around),
      trial: surround(askStores, around, trial),
      lookup: surround(askStores, around, rehearsal),
    };
    const routers = new Routers({ routers: parts.routers, clock, log });
    this.#decider = new Decider({ ...parts, recipients: this.#recipients, asks, routers });
  }

  /** Never rejects, and settles within the deadline whatever the plugins do (rules 56 and 58). */
  answer(raw: RawAttempt, how: How = 'login'): Promise<Outcome> {
    const id = attemptId();
    const journal = this.#time.journal(how === 'lookup' || byLookup(raw) ? 'lookup' : 'verify');
    this.#open.set(id, journal);
    return new Promise((resolve) => {
      const finish = (decision: Decision): void => {
        if (journal.closed) return;
        callOff();
        this.#open.delete(id);
        journal.close();
        resolve(outcomeOf(decision, journal));
        if (how === 'login') this.#observed(journal);
      };
      const callOff = this.#parts.clock.after(this.#parts.deadlineMs, () => finish(this.#expired(raw, id, journal)));
      this.#decider.decide(raw, id, journal, how).then(finish, (cause: unknown) => finish(this.#broken(raw, id, journal, cause)));
    });
  }

  /** Without a proof nobody was judged: there is nothing to compare. */
  #observed({ question, attempt, answers, account, backends }: Journal): void {
    if (question === 'verify' && attempt !== undefined) this.#parts.observer?.observe({ attempt, answers, account, backends });
  }

  /** Innermost. A policy may also ask on its own account when the attempt is long answered (a refresh): then nobody keeps the steps. */
  async #askStores(attempt: LoginAttempt, signal: AbortSignal) {
    const journal = this.#open.get(attempt.id) ?? this.#time.journal(byLookup(attempt) ? 'lookup' : 'verify', signal);
    journal.storesAsked = true;
    const verdict = await this.#chain.ask(attempt, signal, journal);
    journal.passing = attempt.proof.mechanism === 'none' ? this.#recipients.settle(verdict, attempt) : verdict;
    return journal.passing;
  }

  #expired(raw: RawAttempt, id: string, journal: Journal): Decision {
    const cause = new OutOfTime(this.#parts.deadlineMs);
    this.#parts.log.warn('a login was not answered in time', { id, ...journal.waitingFor });
    return deferred(raw, cause);
  }

  #broken(raw: RawAttempt, id: string, journal: Journal, cause: unknown): Decision {
    const fields = { id, cause: causeText(cause, raw.proof) };
    if (journal.closed) this.#parts.log.debug('a login failed after its time was over', fields);
    else this.#parts.log.error('a login could not be answered', fields);
    return deferred(raw, cause);
  }
}

/** The host has verified the certificate or the recipient's domain; stores only say who that is. */
const byLookup = ({ proof }: RawAttempt): boolean => proof.mechanism === 'external' || proof.mechanism === 'none';

const deferred = (raw: RawAttempt, cause: unknown): Decision => ({
  answer: { kind: 'denied', denial: 'deferred', asked: askedOf(raw) },
  verdict: { kind: 'deferred', cause },
});

const outcomeOf = ({ answer, verdict, placement }: Decision, journal: Journal): Outcome => {
  const { attempt, account, steps } = journal;
  return { answer, attempt, verdict, account, placement, steps, tookMs: journal.now() - journal.startedAt };
};
