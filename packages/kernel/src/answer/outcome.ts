import type { Answer } from '@postern/auth-http';
import type { Account, LoginAttempt, Verdict } from '@postern/contract';
import type { Placement } from './placement.js';
import type { Step } from './step.js';

/** All that is known of one answered attempt. `verdict` may hold a cause and `account` a secret: neither is for logs. */
export interface Outcome {
  readonly answer: Answer;
  /** Absent when no canonical user could be made of the login. */
  readonly attempt?: LoginAttempt | undefined;
  readonly verdict: Verdict;
  readonly account?: Account | undefined;
  readonly placement?: Placement | undefined;
  readonly steps: readonly Step[];
  /** Milliseconds. */
  readonly tookMs: number;
}

/** What was decided, before the journal is added to it. */
export interface Decision {
  readonly answer: Answer;
  readonly verdict: Verdict;
  readonly placement?: Placement | undefined;
}
