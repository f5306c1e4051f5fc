import { DirectoryTrouble, reasonOf, type Connection } from './directory-types.js';
import { Idle } from './idle.js';
import { Line } from './line.js';
import type { Member, Way } from './member.js';
import { openFirst, type Opening } from './open-first.js';

export interface PoolLimits {
  /** Connections at once. */
  readonly connections: number;
  /** Callers at most that share one connection. */
  readonly together: number;
  /** Milliseconds until a connection that nobody uses is closed. */
  readonly idleMs: number;
  /** Milliseconds after which a connection is not used again, so that logins find back to the first server. */
  readonly ageMs: number;
  /** Logins that may wait for a connection; more fail at once. */
  readonly waiting: number;
}

export interface PoolParts extends Opening {
  readonly limits: PoolLimits;
}

/**
 * Connections that are lent to one caller at a time (RFC 4511 section 4.2.1 wants binds alone on a connection), or to several of one
 * turn of the event loop, whose requests then leave in one write. Later ones do not join: a search that takes long keeps only its
 * companions' connection. Those that died are not lent again; new ones go to the first server that is worth a try.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #idle: Idle<Member>;
  readonly #all = new Set<Member>();
  readonly #line = new Line<Member, Way>();
  /** Takes along who comes in this turn. */
  #boarding: Member | undefined;
  #opening = 0;
  #life = new AbortController();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#idle = new Idle(parts.clock, parts.limits.idleMs, (member) => this.#discard(member));
  }

  /** Works again after `stop`. */
  start(): void {
    if (this.#life.signal.aborted) this.#life = new AbortController();
  }

  /**
   * Does some work with a connection. One that turns out to be long dead is replaced once. One that ends under several callers is replaced for
   * each of them alone: a search that no connection survives takes nobody else along for good.
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>, way: Way = 'alone'): Promise<T> {
    let [wayNow, replaced] = [way, false];
    for (;;) {
      const member = this.#takeNow(signal, wayNow) ?? (await this.#wait(signal, wayNow));
      const { reused } = member;
      try {
        return await this.#work(member, work);
      } catch (error) {
        if (signal.aborted || !(error instanceof DirectoryTrouble)) throw error;
        if (reused && !replaced && error.kind === 'lost') replaced = true;
        else if (member.crowded && error.kind !== 'late') wayNow = 'alone';
        else throw error;
      }
    }
  }

  stop(): void {
    this.#life.abort(new DirectoryTrouble('lost', 'the store was stopped'));
    while (this.#line.length > 0) this.#line.fail(reasonOf(this.#life.signal));
    for (const member of this.#all) this.#discard(member);
    this.#idle.stop();
  }

  async #work<T>(member: Member, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      const done = await work(member.connection);
      this.#parts.servers.succeeded(member.address);
      return done;
    } catch (error) {
      if (error instanceof DirectoryTrouble && !this.#life.signal.aborted) this.#suspect(member, error);
      throw error;
    } finally {
      this.#giveBack(member);
    }
  }

  /** What happened to one connection has most likely happened to those that lie about. */
  #suspect(suspect: Member, trouble: DirectoryTrouble): void {
    if (suspect.suspect) return;
    suspect.suspect = true;
    this.#parts.servers.failed(suspect.address, trouble);
    for (const member of [...this.#idle]) if (member.address === suspect.address) this.#discard(member);
  }

  /** Throws when the signal aborted or the pool was stopped. Undefined: there is none now. */
  #takeNow(signal: AbortSignal, way: Way): Member | undefined {
    for (const each of [signal, this.#life.signal]) if (each.aborted) throw reasonOf(each);
    if (way === 'shared' && this.#hasRoom(this.#boarding)) return this.#lend(this.#boarding);
    const member = this.#line.length === 0 ? this.#takeIdle() : undefined;
    return member === undefined ? undefined : this.#begin(member, way);
  }

  #hasRoom(member: Member | undefined): member is Member {
    return member !== undefined && member.connection.alive && member.riders < this.#parts.limits.together;
  }

  /** The first caller of a ride. */
  #begin(member: Member, way: Way): Member {
    member.suspect = false;
    member.crowded = false;
    if (way === 'shared') this.#board(member);
    return this.#lend(member);
  }

  #board(member: Member): void {
    this.#boarding = member;
    process.nextTick(() => {
      if (this.#boarding === member) this.#boarding = undefined;
    });
  }

  #lend(member: Member): Member {
    member.riders += 1;
    if (member.riders > 1) member.crowded = true;
    return member;
  }

  #wait(signal: AbortSignal, way: Way): Promise<Member> {
    const { waiting } = this.#parts.limits;
    if (this.#line.length - this.#opening >= waiting) throw new Error(`${waiting} logins wait for a connection already`);
    const served = this.#line.join(signal, way);
    this.#serve();
    return served;
  }

  /** Hands idle connections out, and opens as many new ones as waiters lack. */
  #serve(): void {
    while (this.#line.length > 0) {
      const member = this.#takeIdle();
      if (member === undefined) break;
      this.#handTo(member);
    }
    const { connections } = this.#parts.limits;
    while (this.#opening < this.#line.length && this.#all.size + this.#opening < connections) void this.#openOne();
  }

  /** To whoever has waited longest, and to as many behind as may share it. */
  #handTo(member: Member): void {
    const way = this.#line.next;
    if (way === undefined) return;
    this.#line.serve(this.#begin(member, way));
    while (way === 'shared' && this.#line.next === 'shared' && this.#hasRoom(member)) this.#line.serve(this.#lend(member));
  }

  #takeIdle(): Member | undefined {
    for (let member = this.#idle.take(); member !== undefined; member = this.#idle.take()) {
      if (!this.#tooOld(member)) return member;
      this.#discard(member);
    }
    return undefined;
  }

  async #openOne(): Promise<void> {
    this.#opening += 1;
    let outcome: { readonly member: Member } | { readonly cause: Error };
    try {
      outcome = { member: await this.#open(this.#life.signal) };
    } catch (cause) {
      outcome = { cause: cause instanceof Error ? cause : new Error('no connection', { cause }) };
    }
    this.#opening -= 1;
    if ('cause' in outcome) this.#line.fail(outcome.cause);
    else this.#rest(outcome.member);
    this.#serve();
  }

  #open(life: AbortSignal): Promise<Member> {
    return openFirst(this.#parts, life, (member) => this.#join(member, life));
  }

  #join(member: Member, life: AbortSignal): void {
    this.#all.add(member);
    member.connection.onDeath(() => this.#forget(member));
    if (life.aborted) this.#discard(member);
  }

  #giveBack(member: Member): void {
    member.riders -= 1;
    member.reused = true;
    // One that died has left room for another, whoever is still to hear of it.
    if (!member.connection.alive) return this.#serve();
    if (member.riders > 0) return;
    if (this.#boarding === member) this.#boarding = undefined;
    if (this.#tooOld(member)) this.#discard(member);
    // From hand to hand, without lying down between.
    else if (this.#line.length > 0) return this.#handTo(member);
    this.#rest(member);
    this.#serve();
  }

  #rest(member: Member): void {
    if (member.connection.alive) this.#idle.put(member);
  }

  #tooOld(member: Member): boolean {
    return this.#parts.clock.monotonic() - member.bornAt > this.#parts.limits.ageMs;
  }

  #discard(member: Member): void {
    member.connection.close();
    this.#forget(member);
  }

  #forget(member: Member): void {
    this.#all.delete(member);
    this.#idle.delete(member);
  }
}
