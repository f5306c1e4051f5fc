import type { Clock } from '@postern/contract';
import { DirectoryTrouble, reasonOf, type Connection, type ServerAddress } from './directory-types.js';
import type { Servers } from './servers.js';

export interface PoolLimits {
  /** Connections at once. */
  readonly connections: number;
  /** Milliseconds until a connection that nobody uses is closed. */
  readonly idleMs: number;
  /** Milliseconds after which a connection is not used again, so that logins find back to the first server. */
  readonly ageMs: number;
  /** Logins that may wait for a connection; more fail at once. */
  readonly waiting: number;
}

export interface PoolParts {
  readonly servers: Servers;
  readonly clock: Clock;
  readonly limits: PoolLimits;
  /** A connection to this server, ready for use. The signal aborts when the pool stops. */
  readonly open: (address: ServerAddress, signal: AbortSignal) => Promise<Connection>;
}

interface Lease {
  readonly connection: Connection;
  readonly address: ServerAddress;
  readonly bornAt: number;
  /** Whether it lay in the pool before: the server may have closed it since. */
  reused: boolean;
  forgetIdle: () => void;
}

interface Waiter {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (cause: Error) => void;
}

const ignore = (): void => undefined;

/**
 * Connections that are lent to one caller at a time (RFC 4511 section 4.2.1 wants binds alone on a connection). Those that
 * died are not lent again; new ones go to the first server that is worth a try.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #idle: Lease[] = [];
  readonly #all = new Set<Lease>();
  readonly #waiters: Waiter[] = [];
  #opening = 0;
  #life = new AbortController();

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** Works again after `stop`. */
  start(): void {
    if (this.#life.signal.aborted) this.#life = new AbortController();
  }

  /** Does some work with a connection. A connection that turns out to be long dead is replaced once. */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const lease = await this.#take(signal);
    const { reused } = lease;
    try {
      return await this.#work(lease, work);
    } catch (error) {
      const stale = reused && error instanceof DirectoryTrouble && error.kind === 'lost';
      if (!stale || signal.aborted) throw error;
    }
    return this.#work(await this.#take(signal), work);
  }

  stop(): void {
    this.#life.abort(new DirectoryTrouble('lost', 'the store was stopped'));
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reasonOf(this.#life.signal));
    for (const lease of this.#all) this.#discard(lease);
  }

  async #work<T>(lease: Lease, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      const done = await work(lease.connection);
      this.#parts.servers.succeeded(lease.address);
      return done;
    } catch (error) {
      if (error instanceof DirectoryTrouble && !this.#life.signal.aborted) this.#suspect(lease, error);
      throw error;
    } finally {
      this.#giveBack(lease);
    }
  }

  /** What happened to one connection has most likely happened to those that lie about. */
  #suspect({ address }: Lease, trouble: DirectoryTrouble): void {
    this.#parts.servers.failed(address, trouble);
    for (const lease of [...this.#idle]) if (lease.address === address) this.#discard(lease);
  }

  #take(signal: AbortSignal): Promise<Lease> {
    for (const each of [signal, this.#life.signal]) if (each.aborted) return Promise.reject(reasonOf(each));
    const idle = this.#waiters.length === 0 ? this.#takeIdle() : undefined;
    return idle === undefined ? this.#wait(signal) : Promise.resolve(idle);
  }

  #wait(signal: AbortSignal): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const { limits } = this.#parts;
      if (this.#waiters.length - this.#opening >= limits.waiting)
        return reject(new Error(`${limits.waiting} logins wait for a connection already`));
      const giveUp = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reasonOf(signal));
      };
      const waiter: Waiter = {
        resolve: (lease) => {
          signal.removeEventListener('abort', giveUp);
          resolve(lease);
        },
        reject: (cause) => {
          signal.removeEventListener('abort', giveUp);
          reject(cause);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  /** Hands idle connections out, and opens as many new ones as waiters lack. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      const lease = this.#takeIdle();
      if (lease === undefined) break;
      this.#waiters.shift()?.resolve(lease);
    }
    const { connections } = this.#parts.limits;
    while (this.#opening < this.#waiters.length && this.#all.size + this.#opening < connections) void this.#openOne();
  }

  #takeIdle(): Lease | undefined {
    for (let lease = this.#idle.pop(); lease !== undefined; lease = this.#idle.pop()) {
      lease.forgetIdle();
      if (!this.#tooOld(lease)) return lease;
      this.#discard(lease);
    }
    return undefined;
  }

  async #openOne(): Promise<void> {
    this.#opening += 1;
    let outcome: { readonly lease: Lease } | { readonly cause: Error };
    try {
      outcome = { lease: await this.#open(this.#life.signal) };
    } catch (cause) {
      outcome = { cause: cause instanceof Error ? cause : new Error('no connection', { cause }) };
    }
    this.#opening -= 1;
    if ('cause' in outcome) this.#waiters.shift()?.reject(outcome.cause);
    else this.#rest(outcome.lease);
    this.#serve();
  }

  async #open(life: AbortSignal): Promise<Lease> {
    const { servers, clock, open } = this.#parts;
    let trouble: unknown = new DirectoryTrouble('lost', servers.whyNone());
    for (const address of servers.candidates()) {
      try {
        const connection = await open(address, life);
        const lease = { connection, address, bornAt: clock.monotonic(), reused: false, forgetIdle: ignore };
        this.#all.add(lease);
        connection.onDeath(() => this.#forget(lease));
        if (life.aborted) this.#discard(lease);
        return lease;
      } catch (error) {
        trouble = error;
        if (!life.aborted) servers.unreachable(address, error);
      }
    }
    throw trouble;
  }

  #giveBack(lease: Lease): void {
    if (this.#tooOld(lease)) this.#discard(lease);
    lease.reused = true;
    // From hand to hand, without lying down between.
    if (lease.connection.alive && this.#waiters.length > 0) return this.#waiters.shift()?.resolve(lease);
    this.#rest(lease);
    this.#serve();
  }

  #rest(lease: Lease): void {
    if (!lease.connection.alive) return;
    const { clock, limits } = this.#parts;
    lease.forgetIdle = clock.after(limits.idleMs, () => this.#discard(lease));
    this.#idle.push(lease);
  }

  #tooOld(lease: Lease): boolean {
    return this.#parts.clock.monotonic() - lease.bornAt > this.#parts.limits.ageMs;
  }

  #discard(lease: Lease): void {
    lease.connection.close();
    this.#forget(lease);
  }

  #forget(lease: Lease): void {
    lease.forgetIdle();
    this.#all.delete(lease);
    const at = this.#idle.indexOf(lease);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
