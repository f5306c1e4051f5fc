import type { CredentialStoreSetup } from '../credential-store.js';

export type StoreCaseId =
  | 'right'
  | 'wrong'
  | 'nearly-right'
  | 'unknown'
  | 'empty-password'
  | 'disabled'
  | 'mechanisms'
  | 'lookup'
  | 'hostile-users'
  | 'hostile-passwords'
  | 'concurrent'
  | 'aborted-before'
  | 'aborted-during'
  | 'outages'
  | 'stop'
  | 'failing-start'
  | 'enroll'
  | 'enroll-race'
  | 'enroll-strangers'
  | 'withdraw'
  | 'keeping-outages';

/** One demand on a store. */
export interface StoreCase {
  readonly id: StoreCaseId;
  /** A sentence about behaviour. */
  readonly title: string;
  /** Rejects with an `AssertionError` when the demand is not met. */
  readonly run: (setup: CredentialStoreSetup) => Promise<void>;
}
