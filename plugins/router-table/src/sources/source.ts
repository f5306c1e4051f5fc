import type { Account, Lifecycle } from '@postern/contract';

/**
 * Where a table's values come from. A map, a file and an attribute answer from memory; a database answers
 * over the network, which is why `lookup` is asynchronous and takes the signal.
 */
export interface TableSource extends Lifecycle {
  /** The value of the first key that has a row; undefined when none has. Throws (is rejected) when it cannot tell. */
  lookup(keys: readonly string[], account: Account, signal: AbortSignal): Promise<string | undefined>;
}
