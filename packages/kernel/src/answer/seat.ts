import type { CredentialStore } from '@postern/contract';
import type { Condition } from './condition.js';
import type { PlaceGuard } from './guard/place-guard.js';
import type { StoreGuard } from './guard/store-guard.js';

/** An instance at its place in the plugin list. */
export interface Seat<T> {
  /** The instance's name: `as`, or the value of `use`. */
  readonly name: string;
  readonly instance: T;
  readonly when: Condition;
  /** Routers and policies: what they may take of the gateway. Absent: they are always asked, at once, and within the deadline alone. */
  readonly place?: PlaceGuard;
}

/** What the chain does after a store's answer. */
export type Onward = 'next' | 'stop';

/** The config's `on:`; what is absent follows the chain rule's defaults. */
export interface StepOverrides {
  readonly rejected?: Onward;
  readonly 'unknown-user'?: Onward;
  readonly deferred?: Onward;
}

export interface StoreSeat extends Seat<CredentialStore> {
  readonly on: StepOverrides;
  /** Absent: the store is always asked, at once. */
  readonly guard?: StoreGuard;
}
