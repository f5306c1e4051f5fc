import {
  type Answer,
  type Asked,
  askedOf,
  certificateUser,
  type CertificateRule,
  type DenialKind,
  type RawAttempt,
} from '@postern/auth-http';
import type { Ask, Log, LoginAttempt, Routing, Verdict } from '@postern/contract';
import { causeText } from './cause.js';
import { denialOf, recipientDenialOf } from './denial.js';
import type { CanonicalUser, Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { Decision } from './outcome.js';
import type { Placement, Placer } from './placement.js';
import type { Recipients } from './recipients.js';
import type { Routers } from './routers.js';

/**
 * `login`: somebody logs in. `trial`: the same with a proof, as if somebody did; policies that can rehearse only do that. `lookup`: who
 * that is, without a proof; policies that cannot rehearse are left out. Of the last two nothing is noted: nobody has logged in.
 */
export type How = 'login' | 'trial' | 'lookup';

export interface DeciderParts {
  readonly identity: Pick<Identity, 'canonical'>;
  readonly certificateRule?: CertificateRule | undefined;
  readonly requireTls: boolean;
  readonly recipients: Recipients;
  /** Policies around the chain. */
  readonly asks: Readonly<Record<How, Ask>>;
  readonly routers: Routers;
  readonly placer: Pick<Placer, 'place'>;
  readonly log: Log;
}

/** The stages of one login in their order. Knows nothing of time: the pipeline stops listening when it is over. */
export class Decider {
  readonly #parts: DeciderParts;

  constructor(parts: DeciderParts) {
    this.#parts = parts;
  }

  /** May reject: then it is a bug, and the pipeline defers. */
  async decide(raw: RawAttempt, id: string, journal: Journal, how: How): Promise<Decision> {
    const named = this.#identify(raw);
    if (named.kind === 'malformed') return malformed(raw, named.why, journal);
    const attempt = attemptOf(raw, id, named.user);
    journal.attempt = attempt;
    journal.add('identity', 'user', journal.startedAt, undefined, named.user);
    const barred = this.#barred(attempt);
    if (barred !== undefined) return turnedAway(attempt, barred, journal);
    const verdict = await this.#parts.asks[how](attempt, journal.signal);
    if (verdict.kind === 'accepted') return this.#house(verdict, attempt, journal);
    const denial = raw.proof.mechanism === 'none' ? recipientDenialOf(verdict) : denialOf(verdict, journal.storesAsked);
    return denied(raw, verdict, denial);
  }

  /** The identity of `external` comes from the certificate alone: clients ask for any name or none (rule 34). */
  #identify(raw: RawAttempt): CanonicalUser {
    const { certificateRule, identity } = this.#parts;
    if (raw.proof.mechanism !== 'external') return identity.canonical(raw.rawUser);
    if (certificateRule === undefined) return { kind: 'malformed', why: 'identity.certificateUser is not configured' };
    const user = certificateUser(raw.proof.certificate, certificateRule);
    return user === undefined ? { kind: 'malformed', why: 'the certificate names no user' } : identity.canonical(user);
  }

  /** What is decided before any store or policy is asked. */
  #barred(attempt: LoginAttempt): 'tls-required' | 'relay-denied' | undefined {
    const { mechanism } = attempt.proof;
    if (mechanism === 'none') return this.#parts.recipients.accepts(attempt.user) ? undefined : 'relay-denied';
    // A client certificate exists only within TLS (rule 33).
    return this.#parts.requireTls && mechanism !== 'external' && attempt.tls === undefined ? 'tls-required' : undefined;
  }

  async #house(verdict: Extract<Verdict, { kind: 'accepted' }>, attempt: LoginAttempt, journal: Journal): Promise<Decision> {
    const { account } = verdict;
    journal.account = account;
    const routing = await this.#parts.routers.locate(account, attempt, journal);
    if (routing.kind !== 'placed') return this.#homeless(verdict, routing, attempt, journal);
    journal.backends = routing.backends;
    const startedAt = journal.now();
    journal.waitingFor = { stage: 'placement', instance: 'backends' };
    const placing = await this.#parts.placer.place(routing.backends, account, attempt);
    if (placing.kind === 'placed') {
      const { placement } = placing;
      journal.add('placement', 'placed', startedAt, placement.backend, `${placement.address} port ${placement.port}`);
      return placed(verdict, placement, attempt);
    }
    const cause = causeText(placing.cause, attempt.proof);
    if (!journal.closed) this.#parts.log.warn('a login cannot be placed now', { id: attempt.id, cause });
    journal.add('placement', 'deferred', startedAt, undefined, cause);
    return denied(attempt, verdict, 'deferred');
  }

  #homeless(verdict: Verdict, routing: Exclude<Routing, { kind: 'placed' }>, attempt: LoginAttempt, journal: Journal): Decision {
    if (routing.kind === 'homeless' && !journal.closed) this.#parts.log.warn('no router has a backend for this login', { id: attempt.id });
    return denied(attempt, verdict, 'deferred');
  }
}

/** Spelled out: this runs for every login, and a spread costs more than all the rest of it. */
const attemptOf = ({ rawUser, proof, protocol, client, tls, ordinal }: RawAttempt, id: string, user: string): LoginAttempt =>
  tls === undefined
    ? { id, user, rawUser, proof, protocol, client, ordinal }
    : { id, user, rawUser, proof, protocol, client, tls, ordinal };

const placed = (verdict: Verdict, placement: Placement, attempt: LoginAttempt): Decision => ({
  answer: placedAnswer(placement, askedOf(attempt)),
  verdict,
  placement,
});

const placedAnswer = ({ address: server, port, user, password }: Placement, asked: Asked): Answer => {
  if (user === undefined) return { kind: 'placed', server, port, asked };
  return password === undefined ? { kind: 'placed', server, port, user, asked } : { kind: 'placed', server, port, user, password, asked };
};

const denied = (raw: RawAttempt, verdict: Verdict, denial: DenialKind): Decision => ({
  answer: { kind: 'denied', denial, asked: askedOf(raw) },
  verdict,
});

/** Told like a wrong password: typing it again in the same way will not help, and it must not look like an outage (rules 18, 19). */
const malformed = (raw: RawAttempt, why: string, journal: Journal): Decision => {
  journal.add('identity', 'malformed', journal.startedAt, undefined, why);
  return denied(raw, { kind: 'rejected' }, raw.proof.mechanism === 'none' ? 'bad-address' : 'rejected');
};

const turnedAway = (attempt: LoginAttempt, denial: 'tls-required' | 'relay-denied', journal: Journal): Decision => {
  journal.add('identity', denial, journal.now());
  const why = denial === 'tls-required' ? denial : 'policy';
  return denied(attempt, { kind: 'refused', why, proofHeld: false }, denial);
};
