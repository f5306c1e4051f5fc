import { setImmediate } from 'node:timers/promises';
import type { Ask, Clock } from '@postern/contract';

export interface DirectoryParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Wrong passwords that lock. */
  readonly threshold: number;
  /** Milliseconds without a wrong one after which it counts from 0 again. */
  readonly observation: number;
}

/**
 * As Active Directory counts: every wrong password, repeated ones as well, each one as long as the next comes within the observation
 * window; a right one sets the count to 0.
 */
export class Directory {
  readonly #parts: DirectoryParts;
  #count = 0;
  #last = -Infinity;
  locked = false;
  password = 'right';
  /** What came, in order. */
  readonly passwords: string[] = [];
  down = false;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  readonly ask: Ask = async ({ user, proof }) => {
    const password = proof.mechanism === 'plain' ? proof.password : '';
    this.passwords.push(password);
    await setImmediate();
    if (this.down) return { kind: 'deferred', cause: new Error('down') };
    if (password === this.password && !this.locked) {
      this.#count = 0;
      return { kind: 'accepted', account: { user, attributes: {} } };
    }
    this.#wrong();
    return { kind: 'rejected' };
  };

  #wrong(): void {
    const now = this.#parts.clock.monotonic();
    this.#count = now - this.#last < this.#parts.observation ? this.#count + 1 : 1;
    this.#last = now;
    if (this.#count >= this.#parts.threshold) this.locked = true;
  }
}
