import type { Account } from '@postern/contract';

/** One user of the list, wherever it was written down. */
export interface User {
  /** What an accepted login is given; `account.user` is canonical. */
  readonly account: Account;
  /** With its scheme, as it was written; empty when no password fits. */
  readonly stored: string;
  readonly enabled: boolean;
  /** Whether a client address may log this user in; absent: any may. */
  readonly admits?: (ip: string) => boolean;
}
