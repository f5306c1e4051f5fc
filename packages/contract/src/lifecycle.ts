/** How an instance is doing. `note` is for the operator and must hold no secret. */
export interface Health {
  readonly status: 'up' | 'degraded' | 'down';
  readonly note?: string;
}

/** What any instance may add to its role. All optional. */
export interface Lifecycle {
  /**
   * Opens connections and files. May fail, or take longer than the 60 seconds it has: the instance is then down, the gateway starts all the
   * same and calls it again, each time after a longer pause.
   */
  start?(signal: AbortSignal): Promise<void>;
  /** Says what it knows, without asking the world. At most once a second; has 2 seconds, then the instance counts as degraded. */
  health?(signal: AbortSignal): Promise<Health>;
  /** Works after a failed `start`, and when called again. Comes after the last attempt has been answered. All instances of a gateway have 10 seconds together. */
  stop?(signal: AbortSignal): Promise<void>;
}
