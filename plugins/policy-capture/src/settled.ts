import { createHmac, randomBytes } from 'node:crypto';
import type { Change, Clock } from '@postern/contract';
import { BoundedMap } from './bounded-map.js';

interface Mark {
  readonly digest: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

const mostRemembered = 50_000;
/** Somebody may have changed the new store by hand, without telling. */
const believedMs = 3_600_000;

/**
 * Whose password is known to be kept, so that not every login asks and computes again, and which login was the last to be
 * captured. Passwords are remembered as a digest under a secret that nobody else has.
 */
export class Settled {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #secret = randomBytes(32);
  readonly #marks = new BoundedMap<Mark>(mostRemembered);
  readonly #orders = new BoundedMap<number>(mostRemembered);

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  has(user: string, password: Uint8Array): boolean {
    const mark = this.#marks.get(user);
    return mark !== undefined && this.#clock.monotonic() < mark.until && mark.digest === this.#digest(user, password);
  }

  /** `order`: of the login, counted from the first of this process. */
  settle(user: string, password: Uint8Array, order: number): void {
    this.#marks.set(user, { digest: this.#digest(user, password), until: this.#clock.monotonic() + believedMs });
    this.#orders.set(user, Math.max(order, this.#orders.get(user) ?? 0));
  }

  /** Whether a login that began later was captured already: what an earlier one proved may be an old password. */
  overtaken(user: string, order: number): boolean {
    return order < (this.#orders.get(user) ?? 0);
  }

  forget(change: Change): void {
    if ('user' in change) this.#marks.delete(change.user);
    else this.#marks.clear();
  }

  #digest(user: string, password: Uint8Array): string {
    return createHmac('sha256', this.#secret).update(`${user.length}:${user}`, 'utf16le').update(password).digest('base64');
  }
}
