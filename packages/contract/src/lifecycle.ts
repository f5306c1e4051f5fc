/** How an instance is doing. `note` is for the operator and must hold no secret. */
export interface Health {
  readonly status: 'up' | 'degraded' | 'down';
  readonly note?: string;
}

/** What any instance may add to its role. All optional. */
export interface Lifecycle {
  /** Opens connections and files. May fail: the instance is then down, the gateway starts all the same and tries again with back-off. */
  start?(signal: AbortSignal): Promise<void>;
  health?(signal: AbortSignal): Promise<Health>;
  /** Works after a failed `start`, and when called again. Comes after the last attempt has been answered. */
  stop?(signal: AbortSignal): Promise<void>;
}
