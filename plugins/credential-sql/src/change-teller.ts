import type { Change, Changes, Clock } from '@postern/contract';

/** Messages that come within this time are told together. */
const windowMs = 20;
/** More of them are told as one change of everybody: an update of a whole table must not become a flood of messages. */
const mostAtOnce = 500;

/** Tells others the changes that a database tells us. */
export class ChangeTeller {
  readonly #changes: Pick<Changes, 'announce'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<string>();
  #callOff: (() => void) | undefined;

  constructor({ changes, clock }: { readonly changes: Pick<Changes, 'announce'>; readonly clock: Pick<Clock, 'after'> }) {
    this.#changes = changes;
    this.#clock = clock;
  }

  /** A canonical user, `@` and a domain, or `*` for everybody. Nothing at all is taken for everybody, too. */
  hear(message: string): void {
    if (this.#waiting.size <= mostAtOnce) this.#waiting.add(message);
    this.#callOff ??= this.#clock.after(windowMs, () => this.#tell());
  }

  /** Something was missed, and nobody knows about whom. */
  everybody(): void {
    this.#changes.announce({ all: true });
  }

  /** Tells at once what still waits. */
  stop(): void {
    if (this.#callOff !== undefined) this.#tell();
  }

  #tell(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const messages = [...this.#waiting];
    this.#waiting.clear();
    if (messages.length > mostAtOnce || messages.includes('*') || messages.includes('')) return this.everybody();
    for (const message of messages) this.#changes.announce(changeOf(message));
  }
}

const changeOf = (message: string): Change => (message.startsWith('@') ? { domain: message.slice(1) } : { user: message });
