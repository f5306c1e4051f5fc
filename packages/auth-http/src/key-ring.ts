import { timingSafeEqual } from 'node:crypto';
import type { HeaderField } from './head.js';
import { trimBlanks } from './text.js';

const headerName = 'x-auth-key';
const leastComparedBytes = 64;

interface HeldKey {
  readonly padded: Buffer;
  readonly length: number;
}

/**
 * The shared keys; several may be valid at once while one is replaced by the next. nginx sends one as `X-Auth-Key`.
 * Comparison takes the same time whatever was sent: every key is compared, over the same number of bytes (rule 13).
 */
export class KeyRing {
  readonly #keys: readonly HeldKey[];
  readonly #offered: Buffer;

  /** No keys: everybody is admitted. Blanks at the edges do not count, HTTP drops them. Throws for an empty key. */
  constructor(keys: readonly string[]) {
    const bytes = keys.map((key) => Buffer.from(trimBlanks(key), 'utf8'));
    if (bytes.some((key) => key.length === 0)) throw new RangeError('a shared key must not be empty');
    const size = Math.max(leastComparedBytes, ...bytes.map((key) => key.length));
    this.#keys = bytes.map((key) => ({ padded: Buffer.concat([key], size), length: key.length }));
    this.#offered = Buffer.alloc(size);
  }

  /** A key that comes twice admits nobody: one of the two was put there by someone else. */
  admits(headers: readonly HeaderField[]): boolean {
    if (this.#keys.length === 0) return true;
    let offered: string | undefined;
    for (const [name, value] of headers) {
      if (name.length !== headerName.length || name.toLowerCase() !== headerName) continue;
      if (offered !== undefined) return false;
      offered = value;
    }
    return offered !== undefined && this.#holds(offered);
  }

  #holds(text: string): boolean {
    this.#offered.fill(0, this.#offered.write(text, 'latin1'));
    let held = 0;
    for (const key of this.#keys) {
      held |= Number(timingSafeEqual(this.#offered, key.padded)) & Number(text.length === key.length);
    }
    return held === 1;
  }
}
