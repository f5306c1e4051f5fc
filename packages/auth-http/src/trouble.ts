import type { DenialKind } from './denial.js';

/** Why a question cannot become an attempt. `why` is for the log: no secret, no byte of what was received. */
export interface Trouble {
  readonly denial: DenialKind;
  readonly why: string;
}

/** Something an unchanged nginx never sends: nobody's password is wrong, so the client hears of a passing problem. */
export const malformed = (why: string): Trouble => ({ denial: 'deferred', why });

/** Something a client may well send, and that no account has. */
export const failed = (why: string): Trouble => ({ denial: 'rejected', why });
