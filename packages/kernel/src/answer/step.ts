export type Stage = 'identity' | 'policy' | 'store' | 'router' | 'placement';

/** One thing that happened on the way of a login, for `explain` and the decision log. Holds no secret. */
export interface Step {
  readonly stage: Stage;
  /** The instance's name; absent where the kernel itself acted. */
  readonly instance?: string | undefined;
  /** A verdict's or routing's kind, or one word of the kernel's own. */
  readonly outcome: string;
  /** Milliseconds that this step took. */
  readonly ms: number;
  /** One sentence for the operator; what the client offered has been taken out of it. */
  readonly detail?: string | undefined;
}
