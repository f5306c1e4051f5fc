import type { Clock } from '@postern/contract';
import type { Connect } from './connection.js';
import { Unreachable } from './failure.js';
import { Idle } from './idle.js';
import { Loan, type Lease } from './lease.js';
import { Line, type Waiting, type Way } from './line.js';
import type { Member } from './member.js';

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
  readonly #idle: Idle;
  readonly #all = new Set<Member>();
  readonly #line: Line;
  #closed = false;
  #opening = 0;
  /** Connections of an earlier era are not used again. */
  #era = 0;
  /** Takes along who comes in this turn. */
  #boarding: Member | undefined;

  constructor(connect: Connect, rules: PoolRules, clock: Clock) {
    this.#connect = connect;
    this.#rules = rules;
    this.#clock = clock;
    const usable = (member: Member): boolean => this.#usable(member);
    this.#idle = new Idle({ clock, ms: rules.idleMs, usable, done: (member) => this.#retire(member) });
    this.#line = new Line({ lend: (member) => this.#lend(member, false), open: (signal, way) => this.#open(signal, way) });
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
    this.#throwIfClosed();
    return this.size < this.#rules.max ? this.#open(waiting.signal, way) : this.#line.join(waiting, way);
  }

  /** An open connection that nobody uses, or that takes others along, if there is one. */
  takeIdle(way: Way): Lease | undefined {
    const boarding = way === 'shared' ? this.#boarding : undefined;
    if (boarding !== undefined && boarding.riders < this.#rules.together && this.#usable(boarding)) return this.#lend(boarding, false);
    for (let member = this.#idle.take(); member !== undefined; member = this.#idle.take()) {
      if (this.#usable(member)) return this.#begin(member, way, false);
      this.#drop(member);
    }
    return undefined;
  }

  /** After a connection of that era died: what is idle now is closed, and what is lent as soon as it comes back. */
  renew(era = this.#era): void {
    if (era < this.#era) return;
    this.#era += 1;
    for (const member of this.#idle.takeAll()) this.#drop(member);
  }

  /** Closes everything; what is lent is cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.stop();
    // They hear that it is closed.
    this.#line.openAll();
    const idle = new Set(this.#idle.takeAll());
    for (const member of this.#all) if (!idle.has(member)) member.connection.destroy();
    this.#all.clear();
    await Promise.all([...idle].map(({ connection }) => connection.end()));
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new Unreachable('stopped');
  }

  #usable(member: Member): boolean {
    const tooOld = this.#clock.monotonic() - member.born > this.#rules.lifetimeMs;
    return !member.connection.broken && !member.condemned && member.era === this.#era && !tooOld;
  }

  async #open(signal: AbortSignal, way: Way): Promise<Lease> {
    this.#throwIfClosed();
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
    if (!this.#serve(member)) this.#idle.put(member);
  }

  /** Those who have waited longest, as many as may share it. False: nobody waits. */
  #serve(member: Member): boolean {
    const way = this.#line.next;
    if (way === undefined) return false;
    if (way === 'shared') this.#board(member);
    this.#line.serve(member);
    while (way === 'shared' && member.riders < this.#rules.together && this.#line.next === 'shared') this.#line.serve(member);
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

  /** Nobody waits while a connection is idle, so there is no room to make. */
  #retire(member: Member): void {
    this.#all.delete(member);
    void member.connection.end();
  }

  #makeRoom(): void {
    if (this.size < this.#rules.max) this.#line.open();
  }
}
