/**
 * What one turn of the event loop sends, in one write: a write of its own for each request is most of what the request costs. Nothing
 * is held back beyond the turn.
 */
export class Outbox {
  readonly #write: (bytes: Buffer) => void;
  #waiting: Buffer[] = [];

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  add(bytes: Buffer): void {
    if (this.#waiting.push(bytes) === 1) process.nextTick(() => this.#send());
  }

  /** What did not leave yet never will. */
  clear(): void {
    this.#waiting = [];
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const [first] = waiting;
    if (first !== undefined) this.#write(waiting.length === 1 ? first : Buffer.concat(waiting));
  }
}
