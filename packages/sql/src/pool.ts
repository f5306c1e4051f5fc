import type { Clock } from '@postern/contract';
import type { Connect, Connection } from './connection.js';
import { Unreachable } from './failure.js';

export interface PoolRules {
  /** Connections at most, those that are being opened included. */
  readonly max: number;
  /** Milliseconds without use after which a connection is closed. */
  readonly idleMs: number;
  /** Milliseconds after which a connection is not used again. */
  readonly lifetimeMs: number;
}

/** A connection, lent. Give it back once, with `release` or `discard`. */
export interface Lease {
  readonly connection: Connection;
  /** Whether it was opened for this lease; one that was not may have died unnoticed. */
  readonly fresh: boolean;
  release(): void;
  /** It is closed at once. */
  discard(): void;
}

/** Somebody who waits for a connection, and how long. What an `AbortSignal` says, without the price of one for every login. */
export interface Waiting {
  /** Why it is over; undefined while it is not. */
  readonly reason: Error | undefined;
  /** For opening a connection. */
  readonly signal: AbortSignal;
  /** Calls `run` once if it ends; the returned function calls that off. One at a time. */
  whenOver(run: (reason: Error) => void): () => void;
}

interface Member {
  readonly connection: Connection;
  readonly born: number;
  readonly era: number;
  idleSince: number;
}

interface Waiter {
  readonly serve: (member: Member) => void;
  /** There is room for a new connection. */
  readonly open: () => void;
}

/** Connections to one server: at most so many, the warmest first, closed when idle or old, none left open after `close`. */
export class Pool {
  readonly #connect: Connect;
  readonly #rules: PoolRules;
  readonly #clock: Clock;
  readonly #idle: Member[] = [];
  readonly #all = new Set<Member>();
  readonly #waiters: Waiter[] = [];
  #closed = false;
  #opening = 0;
  /** Connections of an earlier era are not used again. */
  #era = 0;
  #callOffSweep: (() => void) | undefined;

  constructor(connect: Connect, rules: PoolRules, clock: Clock) {
    this.#connect = connect;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Open connections and those that are being opened. */
  get size(): number {
    return this.#all.size + this.#opening;
  }

  /** Waits its turn when all connections are lent. Throws `Unreachable`, or the reason why the waiting is over. */
  async acquire(waiting: Waiting): Promise<Lease> {
    if (waiting.reason !== undefined) throw waiting.reason;
    const idle = this.takeIdle();
    if (idle !== undefined) return idle;
    if (this.#closed) throw new Unreachable('stopped');
    return this.size < this.#rules.max ? this.#open(waiting.signal) : this.#wait(waiting);
  }

  /** An open connection that nobody uses, if there is one. */
  takeIdle(): Lease | undefined {
    for (let member = this.#idle.pop(); member !== undefined; member = this.#idle.pop()) {
      if (this.#usable(member)) return this.#lend(member, false);
      this.#drop(member);
    }
    return undefined;
  }

  /** Closes what is idle now, and what is lent as soon as it comes back. */
  renew(): void {
    this.#era += 1;
    for (const member of this.#idle.splice(0)) this.#drop(member);
  }

  /** Closes everything; what is lent is cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOffSweep?.();
    this.#callOffSweep = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.open();
    const idle = new Set(this.#idle.splice(0));
    for (const member of this.#all) if (!idle.has(member)) member.connection.destroy();
    this.#all.clear();
    await Promise.all([...idle].map(({ connection }) => connection.end()));
  }

  #usable(member: Member): boolean {
    const tooOld = this.#clock.monotonic() - member.born > this.#rules.lifetimeMs;
    return !member.connection.broken && member.era === this.#era && !tooOld;
  }

  async #open(signal: AbortSignal): Promise<Lease> {
    this.#opening += 1;
    const era = this.#era;
    try {
      const connection = await this.#connect(signal);
      const member = { connection, born: this.#clock.monotonic(), era, idleSince: 0 };
      if (this.#closed) {
        connection.destroy();
        throw new Unreachable('stopped');
      }
      this.#all.add(member);
      this.#opening -= 1;
      return this.#lend(member, true);
    } catch (error) {
      this.#opening -= 1;
      this.#makeRoom();
      throw error;
    }
  }

  #wait(waiting: Waiting): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const callOff = waiting.whenOver((reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reason);
      });
      // Whoever serves a waiter has taken it off the list.
      const waiter: Waiter = {
        serve: (member) => {
          callOff();
          resolve(this.#lend(member, false));
        },
        open: () => {
          callOff();
          if (this.#closed) reject(new Unreachable('stopped'));
          else resolve(this.#open(waiting.signal));
        },
      };
      this.#waiters.push(waiter);
    });
  }

  #lend(member: Member, fresh: boolean): Lease {
    return new Loan(
      member.connection,
      fresh,
      () => this.#takeBack(member),
      () => this.#drop(member),
    );
  }

  #takeBack(member: Member): void {
    if (!this.#all.has(member) || !this.#usable(member)) return this.#drop(member);
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.serve(member);
    member.idleSince = this.#clock.monotonic();
    this.#idle.push(member);
    this.#callOffSweep ??= this.#clock.after(this.#rules.idleMs, () => this.#sweep());
  }

  #drop(member: Member): void {
    member.connection.destroy();
    if (this.#all.delete(member)) this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.size < this.#rules.max) this.#waiters.shift()?.open();
  }

  #sweep(): void {
    this.#callOffSweep = undefined;
    const now = this.#clock.monotonic();
    const done = this.#idle.filter((member) => now - member.idleSince >= this.#rules.idleMs || !this.#usable(member));
    for (const member of done) {
      this.#idle.splice(this.#idle.indexOf(member), 1);
      this.#all.delete(member);
      void member.connection.end();
    }
    if (this.#idle.length > 0) this.#callOffSweep = this.#clock.after(this.#rules.idleMs, () => this.#sweep());
  }
}

class Loan implements Lease {
  readonly connection: Connection;
  readonly fresh: boolean;
  readonly #takeBack: () => void;
  readonly #drop: () => void;
  #lent = true;

  constructor(connection: Connection, fresh: boolean, takeBack: () => void, drop: () => void) {
    this.connection = connection;
    this.fresh = fresh;
    this.#takeBack = takeBack;
    this.#drop = drop;
  }

  release(): void {
    this.#end(this.#takeBack);
  }

  discard(): void {
    this.#end(this.#drop);
  }

  #end(how: () => void): void {
    if (!this.#lent) return;
    this.#lent = false;
    how();
  }
}
