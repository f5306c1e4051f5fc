import { reasonOf, type Entry } from '../directory-types.js';
import { NoLdap } from './nodes.js';
import type { Reply } from './reply.js';
import { whenAborted } from '../when-aborted.js';

/** Of all messages to one request, in bytes: one person's entry is far smaller. */
export const longestReply = 8 * 1024 * 1024;

/** What ends a request. */
export type Answer = Extract<Reply, { readonly code: number }>;

export interface ExchangeParts {
  /** The request's message id. */
  readonly id: number;
  /** The kind of answer that is due. */
  readonly expected: Answer['kind'];
  readonly found: (entry: Entry) => void;
  /** On the monotonic clock. */
  readonly startedAt: number;
  /** The caller's. */
  readonly signal: AbortSignal;
  /** Told when the signal aborts. */
  readonly gaveUp: (exchange: Exchange) => void;
}

/** One request, its caller, and what of the answer has come so far. */
export class Exchange {
  readonly answered: Promise<Answer>;
  readonly #parts: ExchangeParts;
  readonly #callOff: () => void;
  #resolve!: (answer: Answer) => void;
  #reject!: (cause: Error) => void;
  #awaited = true;
  #received = 0;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#callOff = whenAborted(parts.signal, () => parts.gaveUp(this));
  }

  get id(): number {
    return this.#parts.id;
  }

  get startedAt(): number {
    return this.#parts.startedAt;
  }

  /** Why the caller gave up. */
  get reason(): Error {
    return reasonOf(this.#parts.signal);
  }

  /** Whether the caller still waits. */
  get awaited(): boolean {
    return this.#awaited;
  }

  /** Whether nothing else may be under way meanwhile (RFC 4511 section 4.2.1). */
  get alone(): boolean {
    return this.#parts.expected === 'bound';
  }

  /** A message with this request's number, and its length in bytes. True: it was the last. Throws a `NoLdap`. */
  hear(reply: Reply, length: number): boolean {
    const { expected, found } = this.#parts;
    this.#received += length;
    if (this.#received > longestReply) throw new NoLdap('the answer is too long');
    if (expected === 'done' && reply.kind === 'reference') return false;
    if (expected === 'done' && reply.kind === 'entry') {
      if (this.#awaited) found(reply.entry);
      return false;
    }
    if (reply.kind !== expected) throw new NoLdap('the answer is not to what was asked');
    if (this.#leave()) this.#resolve(reply);
    return true;
  }

  /** The caller gets this, and nothing that still comes. */
  fail(cause: Error): void {
    if (this.#leave()) this.#reject(cause);
  }

  #leave(): boolean {
    const waited = this.#awaited;
    this.#awaited = false;
    if (waited) this.#callOff();
    return waited;
  }
}
