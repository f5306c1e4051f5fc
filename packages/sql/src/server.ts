import type { Clock, Log } from '@postern/contract';
import { Pool, type Lent, type PoolLimits, type Way } from '@postern/pool';
import type { Connect, Connection } from './connection.js';
import { Deadlines } from './deadlines.js';
import { Entrance } from './entrance.js';
import { GivenUp, NoRoom, ReadOnly, StatementFailed, TooLate, UnfitValue, Unreachable, wordsOf } from './failure.js';
import { Patience, type PatienceParts, unlessAborted, withPatience } from './patience.js';

const firstBackOffMs = 100;
const longestBackOffMs = 1000;

const nothing = (): void => undefined;

export interface ServerParts {
  /** Host and port, or a path; holds no secret. */
  readonly name: string;
  readonly connect: Connect;
  readonly pool: PoolLimits;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Milliseconds for opening a connection. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One database server: its connections, and whether it can be asked. One that fell is looked after in the background, at
 * longer and longer intervals, and costs no login any time meanwhile.
 */
export class Server {
  readonly name: string;
  readonly #parts: ServerParts;
  readonly #tooLate: string;
  readonly #answers: Deadlines;
  readonly #logins: Deadlines;
  readonly #entrance: Entrance;
  readonly #pool: Pool<Connection>;
  #life = new AbortController();
  #fallen: Unreachable | undefined;
  #doubt: Error | undefined;
  #backOffMs = firstBackOffMs;
  #callOffProbe: (() => void) | undefined;
  #probing: Promise<void> | undefined;

  constructor(parts: ServerParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#tooLate = `${parts.name} did not answer within ${parts.timeoutMs} ms`;
    this.#answers = new Deadlines(parts.timeoutMs, parts.clock);
    this.#logins = new Deadlines(parts.connectTimeoutMs, parts.clock);
    this.#entrance = new Entrance({
      ...parts,
      max: parts.pool.max,
      size: () => this.#pool.size,
      connect: (signal) => withPatience(this.#patienceFor(signal), (patience) => parts.connect(patience.signal)).catch(beforeAsking),
    });
    this.#pool = new Pool({
      open: (signal) => this.#entrance.enter(signal),
      limits: this.#entrance.limited(parts.pool),
      clock: parts.clock,
    });
  }

  /** Why it is not asked now; undefined while it is. */
  get fallen(): Unreachable | undefined {
    return this.#fallen;
  }

  /** What went wrong the last time, if nothing went well since. */
  get trouble(): Error | undefined {
    return this.#fallen ?? this.#doubt ?? this.#entrance.trouble;
  }

  /** Connections, those that are being opened included. */
  get connections(): number {
    return this.#pool.size;
  }

  /** Opens what `close` closed, and looks at once whether the server answers. Throws `Unreachable`. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#life.signal.aborted) this.#life = new AbortController();
    this.#pool.start();
    // One that began before may tell of what was before.
    await unlessAborted(this.#probing ?? Promise.resolve(), signal);
    await unlessAborted(this.#probe(), signal);
    if (this.#fallen !== undefined) throw this.#fallen;
  }

  /**
   * Runs one question on a connection. A question that only reads may share it with others, and is asked once more on a new one when a
   * connection that was idle turns out to be dead.
   */
  async run<T>(use: (connection: Connection) => Promise<T>, signal: AbortSignal, reads: boolean): Promise<T> {
    const patience = new Patience({ signal, deadlines: this.#answers, tooLate: this.#tooLate });
    try {
      const result = await this.#ask(use, patience, reads);
      this.#doubt = undefined;
      return result;
    } catch (error) {
      const why = patience.reason ?? error;
      this.#judge(why);
      throw why;
    } finally {
      patience.dispose();
    }
  }

  async close(): Promise<void> {
    const why = new Unreachable('stopped');
    this.#life.abort(why);
    this.#callOffProbe?.();
    this.#callOffProbe = undefined;
    await this.#pool.stop(why);
    await this.#probing;
    for (const deadlines of [this.#answers, this.#logins]) deadlines.stop();
  }

  /** Waits for one that is open when the server takes no more. */
  async #acquire(patience: Patience, way: Way): Promise<Lent<Connection>> {
    for (;;) {
      try {
        return await this.#pool.acquire(patience, way);
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
      }
    }
  }

  async #ask<T>(use: (connection: Connection) => Promise<T>, patience: Patience, reads: boolean): Promise<T> {
    const way = reads ? 'shared' : 'alone';
    const lent = this.#pool.take(way) ?? (await this.#acquire(patience, way));
    try {
      return await this.#askOn(lent, use, patience);
    } catch (error) {
      if (!(error instanceof Unreachable) || patience.reason !== undefined || !reads) throw error;
      if (lent.fresh && !lent.crowded) throw error;
    }
    // Alone: the question of a companion may be what ends connections.
    return this.#askOn(await this.#acquire(patience, 'alone'), use, patience);
  }

  async #askOn<T>(lent: Lent<Connection>, use: (connection: Connection) => Promise<T>, patience: Patience): Promise<T> {
    let outdated = false;
    try {
      return await patience.wait(use(lent.connection), nothing);
    } catch (error) {
      // Behind one address, another server may write by now: a connection that is older would never find out.
      if (error instanceof ReadOnly) outdated = true;
      // Whatever is open died by the same cause; those who shared it tell of it once.
      if (error instanceof Unreachable && patience.reason === undefined && !lent.condemned) this.#pool.renew();
      throw error;
    } finally {
      if (outdated || patience.reason !== undefined) lent.discard();
      else lent.giveBack();
    }
  }

  #judge(error: unknown): void {
    if (error instanceof GivenUp || error instanceof TooLate) {
      this.#doubt ??= error instanceof TooLate ? error : new Error(`${this.name} was too slow for a login`);
      // Perhaps it is gone without a word, perhaps this statement alone takes long.
      if (!this.#life.signal.aborted) void this.#probe();
    } else if (error instanceof Unreachable) this.#fall(error);
    else if (error instanceof UnfitValue) return;
    else if (error instanceof StatementFailed) this.#doubt = error;
    else if (!(error instanceof ReadOnly)) this.#doubt = new Error('an unexpected error; see the log');
  }

  #fall(why: Unreachable): void {
    if (this.#life.signal.aborted) return;
    if (this.#fallen === undefined) this.#parts.log.warn('a database server cannot be asked', { server: this.name, why: why.message });
    this.#fallen = why;
    this.#pool.renew();
    this.#callOffProbe ??= this.#parts.clock.after(this.#backOffMs, () => {
      this.#callOffProbe = undefined;
      void this.#probe();
    });
    this.#backOffMs = Math.min(this.#backOffMs * 2, longestBackOffMs);
  }

  #rise(): void {
    if (this.#fallen !== undefined) {
      this.#parts.log.info('a database server can be asked again', { server: this.name });
      // That statements fail, or that they alone are slow, is not over because the server answers.
      if (!(this.#doubt instanceof StatementFailed)) this.#doubt = undefined;
    }
    this.#fallen = undefined;
    this.#backOffMs = firstBackOffMs;
    this.#callOffProbe?.();
    this.#callOffProbe = undefined;
  }

  /** For opening a connection. */
  #patienceFor(signal: AbortSignal): PatienceParts {
    const tooLate = `${this.name} did not let us in within ${this.#parts.connectTimeoutMs} ms`;
    return { signal, deadlines: this.#logins, tooLate };
  }

  /** One at a time; never rejects. */
  #probe(): Promise<void> {
    this.#probing ??= this.#look().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #look(): Promise<void> {
    try {
      await withPatience(this.#patienceFor(this.#life.signal), async (patience) => {
        const connection = await this.#parts.connect(patience.signal);
        await patience.wait(connection.ping(), nothing).finally(() => connection.destroy());
      });
      this.#rise();
    } catch (error) {
      // It is there, and what is open goes on.
      if (error instanceof NoRoom && this.#pool.size > 0) return this.#rise();
      this.#fall(error instanceof Unreachable ? error : new Unreachable(`${this.name}: ${wordsOf(error)}`));
    }
  }
}

/** The statement never left us. */
const beforeAsking = (error: unknown): never => {
  if (error instanceof TooLate) throw new TooLate(error.message);
  if (error instanceof Unreachable && error.asked) throw new Unreachable(error.message);
  throw error;
};
