import { maxHeadBytes, type HeadReading } from './head.js';
import { malformedHead, parseHead } from './parse-head.js';

const lineFeed = 10;
const carriageReturn = 13;
const firstCapacity = 2_048;
const incomplete: HeadReading = { kind: 'incomplete' };

/**
 * Collects the bytes of one request until its head is there. What follows the head is never looked at: nginx sends no body
 * (rule 03). Work is linear in the bytes received, however they are cut (rule 02). A reading that is not `incomplete` is final.
 */
export class HeadReader {
  readonly #limit: number;
  #held = Buffer.alloc(0);
  #length = 0;
  #scanned = 0;
  #final: HeadReading | undefined;

  /** `limitBytes`: bytes the head may have, the empty line included. */
  constructor(limitBytes: number = maxHeadBytes) {
    this.#limit = limitBytes;
  }

  push(chunk: Buffer): HeadReading {
    if (this.#final !== undefined) return this.#final;
    if (this.#length === 0 && chunk.length <= this.#limit && endsWithEmptyLine(chunk))
      return this.#settle(parseHead(chunk.toString('latin1')));
    const taken = Math.min(chunk.length, this.#limit - this.#length);
    this.#hold(chunk, taken);
    const end = this.#findEnd();
    if (end !== undefined) return this.#settle(parseHead(this.#held.toString('latin1', 0, end)));
    if (taken === chunk.length) return incomplete;
    return this.#settle(malformedHead(`the head is longer than ${this.#limit} bytes`, this.#text()));
  }

  /** The peer sends no more: half a head is malformed, nothing at all stays `incomplete` (nobody is waiting for words). */
  end(): HeadReading {
    if (this.#final !== undefined) return this.#final;
    if (this.#length === 0) return incomplete;
    return this.#settle(malformedHead('the connection ended in the middle of the head', this.#text()));
  }

  #settle(reading: HeadReading): HeadReading {
    this.#held = Buffer.alloc(0);
    this.#final = reading;
    return reading;
  }

  #text(): string {
    return this.#held.toString('latin1', 0, this.#length);
  }

  /** Copies, since a chunk is a view into a larger slab that a slow peer would keep alive. Capacity doubles: linear in all. */
  #hold(chunk: Buffer, taken: number): void {
    const needed = this.#length + taken;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(needed, this.#held.length * 2, firstCapacity)));
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#length, 0, taken);
    this.#length = needed;
  }

  /** Index behind the first empty line. Starts where the last search stopped. */
  #findEnd(): number | undefined {
    const bytes = this.#held.subarray(0, this.#length);
    if (this.#scanned === 0) {
      const end = emptyLineAt(bytes, 0);
      if (end !== undefined) return end;
    }
    for (let at = bytes.indexOf(lineFeed, this.#scanned); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
      const end = emptyLineAt(bytes, at + 1);
      if (end !== undefined) return end;
    }
    this.#scanned = Math.max(0, this.#length - 2);
    return undefined;
  }
}

const emptyLineAt = (bytes: Buffer, at: number): number | undefined => {
  if (bytes[at] === lineFeed) return at + 1;
  return bytes[at] === carriageReturn && bytes[at + 1] === lineFeed ? at + 2 : undefined;
};

/** The usual case: one chunk that ends with the head. An earlier empty line does no harm, the parser stops there. */
const endsWithEmptyLine = (chunk: Buffer): boolean => {
  const last = chunk.length - 1;
  if (chunk[last] !== lineFeed) return false;
  return chunk[last - 1] === lineFeed || (chunk[last - 1] === carriageReturn && chunk[last - 2] === lineFeed);
};
