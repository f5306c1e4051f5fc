import type { SharedState } from '@postern/contract';

/** How well a shared place can be asked now. `why`: for the operator, without secrets. */
export type Reach =
  | { readonly kind: 'reached' }
  /** It answers, but what others publish is not heard. */
  | { readonly kind: 'deaf'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

export interface PlaceWatcher {
  /** Called after every change of `reach`. Must not throw. */
  changed(reach: Reach): void;
  /** Another process published this. Must not throw. */
  heard(topic: string, message: string): void;
  /** Messages of others may have been missed; they can be heard again now. Must not throw. */
  missed(): void;
}

/**
 * Where several processes keep their state together. Unlike a `SharedState` that plugins are handed, its methods reject when it is out of
 * reach, and `publish` tells the others only. What the others publish, its watcher hears.
 */
export interface SharedPlace extends Omit<SharedState, 'subscribe'> {
  readonly reach: Reach;
  /** One watcher; call it before `open`. */
  watch(watcher: PlaceWatcher): void;
  /** Begins to reach for it, and goes on for ever. Resolves when it was reached, or when logins should wait no longer. Never rejects. */
  open(): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}
