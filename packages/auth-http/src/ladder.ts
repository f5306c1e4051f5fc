import type { Asked, DenialKind } from './denial.js';
import { phraseTable } from './phrases.js';

/** How long a client waits before it may try again on the same connection (`Auth-Wait`). */
export interface DenialRules {
  /** From this attempt on nginx closes the connection. 1 to 20: nginx frees an attempt's memory only with the connection. */
  readonly cap: number;
  /** Seconds by attempt, each 1 to 30; the last one repeats. Never empty. */
  readonly waits: readonly number[];
  /**
   * Whether failed APOP and CRAM-MD5 logins may go on too. nginx before 1.28.3 and 1.29.7 crashes on the client's next command
   * (CVE-2026-27651), so only where a newer one is known to run (rule 61).
   */
  readonly digestWait: boolean;
}

export const defaultDenialRules: DenialRules = { cap: 10, waits: [1, 2, 3], digestWait: false };

/** Throws a RangeError for rules outside the ranges above: that is a mistake of the config's reader. */
export const checkDenialRules = (rules: DenialRules): DenialRules => {
  if (!isWithin(rules.cap, 20)) throw new RangeError('the cap of attempts must be a whole number from 1 to 20');
  if (rules.waits.length === 0 || !rules.waits.every((wait) => isWithin(wait, 30))) {
    throw new RangeError('waits must be whole seconds from 1 to 30, at least one');
  }
  return rules;
};

const isWithin = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;

/** After a refused recipient the client goes on to the next one at once (rule 62). */
const recipientWait = 1;

/**
 * Seconds for `Auth-Wait`; undefined: none, nginx closes the connection (rule 60). Where the attempt's number or the mechanism is
 * not known, neither the cap nor a digest can be ruled out, so there is none either.
 */
export const waitSeconds = (rules: DenialRules, denial: DenialKind, asked: Asked): number | undefined => {
  const { mechanism, ordinal } = asked;
  if (mechanism === undefined || ordinal === undefined || ordinal >= rules.cap) return undefined;
  if (mechanism === 'none') return denial === 'limited' ? undefined : recipientWait;
  if (phraseTable[denial].wait === 'none') return undefined;
  if ((mechanism === 'apop' || mechanism === 'cram-md5') && !rules.digestWait) return undefined;
  return rules.waits[Math.min(ordinal, rules.waits.length) - 1];
};
