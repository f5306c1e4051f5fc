import type { Change, Ledger, RefusedWhy, Services, Verdict } from '@postern/contract';
import type { CaptureConfig } from './config.js';
import { DisabledWatch } from './disabled-watch.js';
import type { Hearing } from './hearing.js';
import type { Person } from './people.js';

type Accepted = Extract<Verdict, { readonly kind: 'accepted' }>;

/** What the store that did not answer has to say. */
export interface Objection {
  /** Undefined: it does not refuse the account. */
  readonly refusal?: Verdict | undefined;
  /** When the password was changed in the old store, in milliseconds since 1970, where it says so. */
  readonly changed?: number | undefined;
  /** What the old store calls the user, where it says so. */
  readonly name?: string | undefined;
}

/** Disabled in one of the two stores is refused, whichever let the login in. */
export class Objections {
  readonly #on: boolean;
  readonly #ledger: Ledger;
  readonly #into: string;
  readonly #watches: Readonly<Record<'from' | 'into', DisabledWatch>>;

  constructor({ disabledInEither, disabledFor, lookupTimeout, from, into }: CaptureConfig, services: Services) {
    const { stores, ledger, clock } = services;
    const watchOf = (store: string): DisabledWatch =>
      new DisabledWatch({ stores, ledger, clock, store, keptMs: disabledFor, timeoutMs: lookupTimeout });
    this.#on = disabledInEither;
    this.#ledger = ledger;
    this.#into = into;
    this.#watches = { from: watchOf(from), into: watchOf(into) };
  }

  async to({ account }: Accepted, hearing: Hearing, signal: AbortSignal): Promise<Objection> {
    const other = this.#other(hearing);
    if (other === undefined) return {};
    const { why, ...said } = await this.#watches[other].objection(personOf(account.user, hearing), signal);
    if (why !== undefined && other === 'from') this.#tell('enabled', account.user);
    return { refusal: refusal(why, other), ...(other === 'from' && said) };
  }

  /** As `to`, without keeping or noting anything. */
  async rehearse({ account }: Accepted, hearing: Hearing, signal: AbortSignal): Promise<Verdict | undefined> {
    const other = this.#other(hearing);
    return other && refusal((await this.#watches[other].rehearse(personOf(account.user, hearing), signal)).why, other);
  }

  /** That the new store refuses somebody by itself: then the old one may go, as far as that user is concerned. */
  hear(verdict: Verdict, hearing: Hearing): void {
    if (verdict.kind !== 'refused' || !barred.includes(verdict.why) || hearing.said('into') !== 'refused') return;
    this.#tell('disabled', hearing.attempt.user);
  }

  forget(change: Change): void {
    this.#watches.from.forget(change);
    this.#watches.into.forget(change);
  }

  #tell(kind: 'disabled' | 'enabled', user: string): void {
    this.#ledger.note({ kind, user, store: this.#into });
  }

  /** The store that is still to be asked: one that has judged this very login has said what it knows. */
  #other(hearing: Hearing): 'from' | 'into' | undefined {
    if (!this.#on || hearing.by === 'another') return undefined;
    const other = hearing.by === 'from' ? 'into' : 'from';
    const said = hearing.said(other);
    return said === undefined || said === 'deferred' || said === 'unsupported' ? other : undefined;
  }
}

/** What lies with the account, and not with this login. */
const barred: readonly RefusedWhy[] = ['disabled', 'locked', 'expired'];

export const personOf = (user: string, { attempt }: Hearing): Person => ({ user, login: attempt.user });

const refusal = (why: RefusedWhy | undefined, other: 'from' | 'into'): Verdict | undefined =>
  why === undefined ? undefined : { kind: 'refused', why, proofHeld: true, rule: `the store of \`${other}\` says so` };
