import type { Mechanism, Protocol, RefusedWhy } from '@postern/contract';
import type { RawAttempt } from './raw-attempt.js';

/**
 * Why nginx is told no. `rejected` stands for a wrong password, an unknown user and a mechanism nobody can judge alike;
 * a refused account whose proof did not hold is `rejected` too (rule 59).
 */
export type DenialKind = 'rejected' | 'limited' | 'deferred' | 'relay-denied' | 'unknown-recipient' | 'bad-address' | RefusedWhy;

/** What a reply must know of the question to choose its words. All optional: a broken request may tell none of it. */
export interface Asked {
  readonly protocol?: Protocol;
  readonly mechanism?: Mechanism;
  /** `Auth-Login-Attempt`, from 1. */
  readonly ordinal?: number;
}

export const askedOf = (attempt: RawAttempt): Asked => ({
  protocol: attempt.protocol,
  mechanism: attempt.proof.mechanism,
  ordinal: attempt.ordinal,
});
