import type { Clock, Ledger, LedgerEvent } from '@postern/contract';
import { BoundedMap } from './bounded-map.js';
import { within } from './patience.js';

/** Whether the hash that the new store keeps for somebody is one of ours. */
export type Standing =
  /** `at`: milliseconds since 1970. `user`: as the ledger calls him. */
  | { readonly kind: 'captured'; readonly user: string; readonly at: number }
  | { readonly kind: 'not-captured' }
  /** It was one, and is gone. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'unclear'; readonly cause: unknown };

export interface CapturesParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Instance name of the new store. */
  readonly into: string;
  readonly timeoutMs: number;
}

const mostRemembered = 50_000;

/** Who was captured: as the ledger has it, and while that cannot be read, as this process has seen it. */
export class Captures {
  readonly #parts: CapturesParts;
  readonly #seen = new BoundedMap<number>(mostRemembered);

  constructor(parts: CapturesParts) {
    this.#parts = parts;
  }

  hear(event: LedgerEvent): void {
    if (event.kind === 'captured' && event.into === this.#parts.into) this.#seen.set(event.user, this.#parts.clock.now());
    if (event.kind === 'withdrawn' && event.into === this.#parts.into) this.#seen.delete(event.user);
  }

  /** Rejects only when `signal` aborts. The first name that the ledger knows as captured counts. */
  async of(names: readonly string[], signal: AbortSignal): Promise<Standing> {
    let [withdrawn, unclear]: (Standing | undefined)[] = [];
    for (const user of new Set(names)) {
      const standing = await this.#ofOne(user, signal);
      if (standing.kind === 'captured') return standing;
      if (standing.kind === 'withdrawn') withdrawn = standing;
      if (standing.kind === 'unclear') unclear = standing;
    }
    return withdrawn ?? unclear ?? { kind: 'not-captured' };
  }

  async #ofOne(user: string, signal: AbortSignal): Promise<Standing> {
    const { ledger, clock, into, timeoutMs } = this.#parts;
    try {
      const entry = await within(clock, timeoutMs, signal, (given) => ledger.find(user, given));
      const captured = entry?.captured;
      if (captured?.into === into) return { kind: 'captured', user, at: captured.at };
      return { kind: entry?.withdrawnAt === undefined ? 'not-captured' : 'withdrawn' };
    } catch (cause) {
      signal.throwIfAborted();
      const at = this.#seen.get(user);
      return at === undefined ? { kind: 'unclear', cause } : { kind: 'captured', user, at };
    }
  }
}
