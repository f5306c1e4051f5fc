import type { Clock } from '@postern/contract';
import type { Connect, Connection } from './connection.js';
import { Unreachable } from './failure.js';
import { Loan, type Lease } from './lease.js';

export interface PoolRules {
  /** Connections at most, those that are being opened included. */
  readonly max: number;
  /** Questions at most that one connection carries at once. */
  readonly together: number;
  /** Milliseconds without use after which a connection is closed. */
  readonly idleMs: number;
  /** Milliseconds after which a connection is not used again. */
  readonly lifetimeMs: number;
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

/** `alone`: nobody else asks on the connection meanwhile. `shared`: others of the same turn of the event loop may. */
export type Way = 'alone' | 'shared';

interface Member {
  readonly connection: Connection;
  readonly born: number;
  readonly era: number;
  idleSince: number;
  /** Leases that are out. */
  riders: number;
  /** Not to be lent again. */
  condemned: boolean;
}

interface Waiter {
  readonly way: Way;
  readonly serve: (member: Member) => void;
  /** There is room for a new connection. */
  readonly open: () => void;
}

/**
 * Connections to one server: at most so many, the warmest first, closed when idle or old, none left open after `close`.
 *
 * Logins come in bursts, and a write of its own for every question is most of what a question costs. So those of one turn of the event
 * loop that read share a connection (`together` of them), and go out in one write. Later ones do not join: a question that takes long
 * keeps only its companions waiting.
 */
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
  /** Takes along who comes in this turn. */
  #boarding: Member | undefined;
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
  async acquire(waiting: Waiting, way: Way): Promise<Lease> {
    if (waiting.reason !== undefined) throw waiting.reason;
    const idle = this.takeIdle(way);
    if (idle !== undefined) return idle;
    if (this.#closed) throw new Unreachable('stopped');
    return this.size < this.#rules.max ? this.#open(waiting.signal, way) : this.#wait(waiting, way);
  }

  /** An open connection that nobody uses, or that takes others along, if there is one. */
  takeIdle(way: Way): Lease | undefined {
    const boarding = way === 'shared' ? this.#boarding : undefined;
    if (boarding !== undefined && boarding.riders < this.#rules.together && this.#usable(boarding)) return this.#lend(boarding, false);
    for (let member = this.#idle.pop(); member !== undefined; member = this.#idle.pop()) {
      if (this.#usable(member)) return this.#begin(member, way, false);
      this.#drop(member);
    }
    return undefined;
  }

  /** After a connection of that era died: what is idle now is closed, and what is lent as soon as it comes back. */
  renew(era = this.#era): void {
    if (era < this.#era) return;
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
    return !member.connection.broken && !member.condemned && member.era === this.#era && !tooOld;
  }

  async #open(signal: AbortSignal, way: Way): Promise<Lease> {
    this.#opening += 1;
    const era = this.#era;
    try {
      const connection = await this.#connect(signal);
      const member = { connection, born: this.#clock.monotonic(), era, idleSince: 0, riders: 0, condemned: false };
      if (this.#closed) {
        connection.destroy();
        throw new Unreachable('stopped');
      }
      this.#all.add(member);
      this.#opening -= 1;
      return this.#begin(member, way, true);
    } catch (error) {
      this.#opening -= 1;
      this.#makeRoom();
      throw error;
    }
  }

  #wait(waiting: Waiting, way: Way): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const callOff = waiting.whenOver((reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reason);
      });
      // Whoever serves a waiter has taken it off the list.
      const waiter: Waiter = {
        way,
        serve: (member) => {
          callOff();
          resolve(this.#lend(member, false));
        },
        open: () => {
          callOff();
          if (this.#closed) reject(new Unreachable('stopped'));
          else resolve(this.#open(waiting.signal, way));
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** Lends a connection that nobody uses. */
  #begin(member: Member, way: Way, fresh: boolean): Lease {
    if (way === 'shared') this.#board(member);
    return this.#lend(member, fresh);
  }

  /** Until the turn is over, and before the questions leave. */
  #board(member: Member): void {
    if (this.#rules.together < 2) return;
    const send = member.connection.gather?.();
    this.#boarding = member;
    process.nextTick(() => {
      if (this.#boarding === member) this.#boarding = undefined;
      send?.();
    });
  }

  #lend(member: Member, fresh: boolean): Lease {
    const { connection, era } = member;
    member.riders += 1;
    return new Loan({ connection, fresh, era, takeBack: () => this.#takeBack(member), discard: () => this.#discard(member) });
  }

  #takeBack(member: Member): void {
    member.riders -= 1;
    if (member.riders > 0) return;
    if (this.#boarding === member) this.#boarding = undefined;
    if (!this.#all.has(member) || !this.#usable(member)) return this.#drop(member);
    if (this.#serve(member)) return;
    member.idleSince = this.#clock.monotonic();
    this.#idle.push(member);
    this.#callOffSweep ??= this.#clock.after(this.#rules.idleMs, () => this.#sweep());
  }

  /** Those who have waited longest, as many as may share it. False: nobody waits. */
  #serve(member: Member): boolean {
    const first = this.#waiters.shift();
    if (first === undefined) return false;
    if (first.way === 'shared') this.#board(member);
    first.serve(member);
    while (first.way === 'shared' && member.riders < this.#rules.together && this.#waiters[0]?.way === 'shared')
      this.#waiters.shift()?.serve(member);
    return true;
  }

  #discard(member: Member): void {
    member.riders -= 1;
    member.condemned = true;
    if (member.riders <= 0 || member.connection.broken) this.#drop(member);
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
