import type { Clock, Health } from '@postern/contract';

/** For so long, in milliseconds, an answer to a login says how the server is. */
const freshMs = 60_000;

/** How the server is, as far as logins have shown it. */
export class Condition {
  readonly #clock: Clock;
  #answeredAt = -Infinity;
  #trouble: { readonly note: string; readonly at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A login was judged. */
  answered(): void {
    this.#answeredAt = this.#clock.monotonic();
    this.#trouble = undefined;
  }

  /** A login could not be judged. */
  failed(note: string): void {
    this.#answeredAt = -Infinity;
    this.#trouble = { note, at: this.#clock.monotonic() };
  }

  /** A login was given up before the server had its time: it may be slow, or not. */
  doubted(): void {
    this.#answeredAt = -Infinity;
  }

  /** What is known without asking the server; undefined when it should be asked. */
  get known(): Health | undefined {
    return this.#isFresh(this.#answeredAt) ? { status: 'up' } : undefined;
  }

  /** When it greets well, although logins may have failed of late. */
  get greetsWell(): Health {
    const { trouble } = this;
    return trouble === undefined ? { status: 'up' } : { status: 'degraded', note: trouble };
  }

  /** What the last login met, if it could not be judged and is not long ago. */
  get trouble(): string | undefined {
    const trouble = this.#trouble;
    return trouble !== undefined && this.#isFresh(trouble.at) ? trouble.note : undefined;
  }

  #isFresh(moment: number): boolean {
    return this.#clock.monotonic() - moment < freshMs;
  }
}
