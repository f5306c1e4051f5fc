import { Turns } from './turns.js';

class LineFull extends Error {
  override readonly name = 'LineFull';
  /** The server works, it has too much to do: see `isOverload` of the contract. */
  readonly overloaded = true;

  constructor() {
    super('too many logins wait for the server');
  }
}

/** Who may ask the server now: so many logins at once, and one of each user. */
export class Line {
  readonly #server: Turns;
  readonly #users = new Map<string, Turns>();
  readonly #maxInside: number;
  #inside = 0;

  /** `waiting`: how many may wait. */
  constructor({ concurrency, waiting }: { readonly concurrency: number; readonly waiting: number }) {
    this.#server = new Turns(concurrency);
    this.#maxInside = concurrency + waiting;
  }

  /** Nobody is in and nobody waits. */
  get idle(): boolean {
    return this.#inside === 0;
  }

  /** Runs `work` when its turn comes. Rejects without running it when too many wait, or with the signal's reason. */
  async during<T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#maxInside) throw new LineFull();
    this.#inside += 1;
    const own = this.#users.get(user) ?? new Turns(1);
    this.#users.set(user, own);
    try {
      return await within(own, signal, () => within(this.#server, signal, work));
    } finally {
      this.#inside -= 1;
      if (own.idle) this.#users.delete(user);
    }
  }
}

const within = async <T>(turns: Turns, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  const leave = await turns.take(signal);
  try {
    return await work();
  } finally {
    leave();
  }
};
