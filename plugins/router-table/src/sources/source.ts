import type { Account, Lifecycle } from '@postern/contract';

/**
 * Where a table's values come from. A map, a file and an attribute answer from memory; a database answers
 * over the network, which is why `lookup` is asynchronous and takes the signal.
 */
export interface TableSource extends Lifecycle {
  /** The value of the first key that has a row; undefined when none has. Throws (is rejected) when it cannot tell. */
  lookup(keys: readonly string[], account: Account, signal: AbortSignal): Promise<string | undefined>;
}

/**
 * A value as it is kept elsewhere, without the blanks and line ends that columns of fixed width and shells put around it. What is empty is
 * no value.
 */
export const valueOf = (text: string | null | undefined): string | undefined => {
  const value = text?.trim() ?? '';
  return value === '' ? undefined : value;
};
