import { setMaxListeners } from 'node:events';

/** Opens a connection that can be used. Ends soon after the signal aborts, and leaves nothing open then. */
export type Open<C> = (signal: AbortSignal) => Promise<C>;

export interface OpeningsParts<C> {
  readonly open: Open<C>;
  /** `lastInLine`: see `begin`. `doubtful`: it was doubted meanwhile. */
  readonly opened: (connection: C, lastInLine: number, doubtful: boolean) => void;
  readonly failed: (cause: unknown, lastInLine: number) => void;
  /** Told of each, whatever became of it, when it is none any more. */
  readonly ended: () => void;
}

/** Connections that are being opened. */
export class Openings<C extends { destroy(): void }> {
  readonly #parts: OpeningsParts<C>;
  #life = newLife();
  #expected = 0;
  /** Those that were doubted or called off, and have not ended yet. */
  #apart = 0;
  /** Those apart are of a lower one. */
  #era = 0;
  /** Who waits for the last of those apart. */
  readonly #quiet: (() => void)[] = [];

  constructor(parts: OpeningsParts<C>) {
    this.#parts = parts;
  }

  /** Those that will bring a connection that anybody may have. */
  get expected(): number {
    return this.#expected;
  }

  /** All of them: each may be a connection to the server. */
  get size(): number {
    return this.#expected + this.#apart;
  }

  /** Why nothing is opened; undefined while it is. */
  get reason(): Error | undefined {
    const { signal } = this.#life;
    return signal.aborted ? (signal.reason as Error) : undefined;
  }

  /** Of all that are under way. */
  doubt(): void {
    this.#apart += this.#expected;
    this.#expected = 0;
    this.#era += 1;
  }

  /** Opens again after `stop`. */
  start(): void {
    if (this.#life.signal.aborted) this.#life = newLife();
  }

  /** Calls all of them off. Resolves when the last has ended. */
  stop(reason: Error): Promise<void> {
    this.doubt();
    this.#life.abort(reason);
    return this.#apart === 0 ? Promise.resolve() : new Promise((resolve) => void this.#quiet.push(resolve));
  }

  /** One more. Never rejects. `lastInLine`: the number of who came last. */
  async begin(lastInLine: number): Promise<void> {
    const { open, opened, failed, ended } = this.#parts;
    const { signal } = this.#life;
    const era = this.#era;
    this.#expected += 1;
    let connection: C | undefined;
    let trouble: unknown;
    try {
      connection = await open(signal);
    } catch (cause) {
      trouble = cause;
    }
    const doubtful = era !== this.#era;
    if (doubtful) this.#apart -= 1;
    else this.#expected -= 1;
    if (signal.aborted) connection?.destroy();
    else if (connection === undefined) failed(trouble, lastInLine);
    else opened(connection, lastInLine, doubtful);
    if (this.#apart === 0) for (const tell of this.#quiet.splice(0)) tell();
    ended();
  }
}

/** Every opening listens to it. */
const newLife = (): AbortController => {
  const life = new AbortController();
  setMaxListeners(0, life.signal);
  return life;
};
