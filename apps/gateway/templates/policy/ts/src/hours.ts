import type { Ask, Policy, Services, Verdict } from '@postern/contract';

export interface Opening {
  readonly from: number;
  readonly until: number;
}

/** Lets people in within the hours of a day. Wraps the asking: calls `next` once, and passes the signal on. */
export class Hours implements Policy {
  readonly #opening: Opening;
  readonly #services: Pick<Services, 'clock' | 'log'>;

  constructor(opening: Opening, services: Pick<Services, 'clock' | 'log'>) {
    this.#opening = opening;
    this.#services = services;
  }

  around(next: Ask): Ask {
    return async (attempt, signal) => {
      const verdict = await next(attempt, signal);
      // Asked afterwards, so that only who showed the right password learns of the hours. What is no "yes" passes untouched.
      return verdict.kind === 'accepted' && !this.#isOpen() ? this.#refuse(attempt.id) : verdict;
    };
  }

  /** For `explain` without a password: the same, since nothing is kept. */
  rehearse(next: Ask): Ask {
    return this.around(next);
  }

  #isOpen(): boolean {
    const hour = new Date(this.#services.clock.now()).getUTCHours();
    const { from, until } = this.#opening;
    return from <= until ? from <= hour && hour < until : hour >= from || hour < until;
  }

  #refuse(id: string): Verdict {
    this.#services.log.info('outside the hours', { id });
    return { kind: 'refused', why: 'policy', proofHeld: true, rule: 'hours' };
  }
}
