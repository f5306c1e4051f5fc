import type { LedgerEvent } from '@postern/contract';
import { isCaptured, type Captures } from './captures.js';
import type { Line } from './line.js';
import type { Withdrawal } from './withdrawal.js';

export interface MismatchesParts {
  readonly captures: Captures;
  readonly withdrawal: Withdrawal;
  readonly line: Line;
  readonly from: string;
  readonly into: string;
  /** Further instances that ask the old store. */
  readonly shadows: readonly string[];
}

/**
 * Hears what the old store, asked in the shadow, says of a password that the new one took: if it is wrong there, the hash that was
 * captured is of an old password, and dies.
 */
export class Mismatches {
  readonly #parts: MismatchesParts;
  #heard = 0;

  constructor(parts: MismatchesParts) {
    this.#parts = parts;
  }

  hear(event: LedgerEvent): void {
    if (event.kind !== 'compared' || event.comparison.kind !== 'ok/mismatch') return;
    const { line, from, into, shadows } = this.#parts;
    const { user, answering, other } = event.comparison;
    if (answering !== into || (other !== from && !shadows.includes(other))) return;
    this.#heard += 1;
    // The next login is compared, too: nothing is lost that is dropped here.
    line.put({ user, order: this.#heard, run: (signal) => this.#take(user, signal), dropped: () => undefined });
  }

  async #take(user: string, signal: AbortSignal): Promise<void> {
    const { captures, withdrawal } = this.#parts;
    const standing = await captures.ofPerson({ user, login: user }, signal);
    if (isCaptured(standing)) await withdrawal.take(standing, user, 'mismatch', signal);
  }
}
