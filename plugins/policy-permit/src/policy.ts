import type { Account, Ask, Log, LoginAttempt, Policy, Services, Verdict } from '@postern/contract';
import type { PermitConfig } from './config.js';
import { hasTls, type Rule, rulesOf } from './rules.js';

/** Lets in whom the rules permit, among those whom the stores accepted. Touches no other verdict, and no mail without a login. */
export class PermitPolicy implements Policy {
  readonly #rules: readonly Rule[];
  readonly #tlsFirst: boolean;
  readonly #log: Log;
  readonly #now: () => number;

  constructor(config: PermitConfig, { log, clock }: Pick<Services, 'log' | 'clock'>) {
    this.#rules = rulesOf(config);
    this.#tlsFirst = config.requireTls === true;
    this.#log = log;
    this.#now = () => clock.now();
  }

  around(next: Ask): Ask {
    return async (attempt, signal) => {
      // SMTP without a login is about who may be written to: what an account may do is no matter then.
      if (attempt.proof.mechanism === 'none') return next(attempt, signal);
      if (this.#tlsFirst && !hasTls(attempt)) return this.#refused(attempt, 'tls-required', 'requireTls', false);
      const verdict = await next(attempt, signal);
      return verdict.kind === 'accepted' ? this.#permitted(verdict, verdict.account, attempt) : verdict;
    };
  }

  /** It keeps nothing. */
  rehearse(next: Ask): Ask {
    return this.around(next);
  }

  #permitted(verdict: Verdict, { attributes }: Account, attempt: LoginAttempt): Verdict {
    const now = this.#now();
    for (const rule of this.#rules) {
      const finding = rule(attempt, attributes, now);
      switch (finding.kind) {
        case 'permitted':
          continue;
        case 'forbidden':
          return this.#refused(attempt, finding.why, finding.rule, true);
        case 'unreadable':
          return { kind: 'deferred', cause: new Error(`${finding.what} of this account cannot be read`) };
      }
    }
    return verdict;
  }

  #refused(attempt: LoginAttempt, why: Extract<Verdict, { kind: 'refused' }>['why'], rule: string, proofHeld: boolean): Verdict {
    this.#log.info('not permitted', { id: attempt.id, rule, why });
    return { kind: 'refused', why, proofHeld, rule };
  }
}
