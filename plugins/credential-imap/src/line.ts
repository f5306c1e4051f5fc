import { TroubleOfThisLogin } from '@postern/contract';
import { Turns } from './turns.js';

/** The server works, it has too much to do: see `isOverload` of the contract. */
class LineFull extends Error {
  override readonly name = 'LineFull';
  readonly overloaded = true;
}

/** Anybody can send many logins of one user, and many servers take seconds over each wrong one: that says nothing of the server. */
const behindOwn = (cause: unknown): Error => new TroubleOfThisLogin('other logins of the same user were still being tried', { cause });

const behindOthers = (cause: unknown): Error => new LineFull('the server was still busy with other logins', { cause });

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

  /** Runs `work` when its turn comes. Rejects without running it when too many wait, or when the signal aborts before. */
  async during<T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#maxInside) throw new LineFull('too many logins wait for the server');
    this.#inside += 1;
    const own = this.#users.get(user) ?? new Turns(1);
    this.#users.set(user, own);
    try {
      return await within(own, signal, behindOwn, () => within(this.#server, signal, behindOthers, work));
    } finally {
      this.#inside -= 1;
      if (own.idle) this.#users.delete(user);
    }
  }
}

type Worded = (cause: unknown) => Error;

const within = async <T>(turns: Turns, signal: AbortSignal, worded: Worded, work: () => Promise<T>): Promise<T> => {
  const queued = !turns.free;
  try {
    const leave = await turns.take(signal);
    return await work().finally(leave);
  } catch (cause) {
    // Whoever came late to the turn had too little time left to show anything; those who went before had theirs.
    throw queued && signal.aborted ? worded(cause) : cause;
  }
};
