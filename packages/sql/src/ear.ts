/** An open connection on which a database tells what happens. */
export interface Ear {
  /** Aborts when it hears nothing any more. */
  readonly deaf: AbortSignal;
  /** Whether the other side is still there. Throws `Unreachable`. */
  ping(): Promise<void>;
  /** At once, without a good-bye. */
  close(): void;
}

/** Opens one. Throws `Unreachable`; ends soon after the signal aborts and leaves nothing open then. */
export type Listen = (hear: (message: string) => void, signal: AbortSignal) => Promise<Ear>;
