import type { Clock } from '@postern/contract';
import { Idle } from './idle.js';
import { Line, LineFull, type Waiting } from './line.js';
import { Member, type Lent, type Pooled, type Way } from './member.js';
import { Openings, type Open } from './openings.js';

export interface PoolLimits {
  /** Connections at most, those that are being opened included. */
  readonly max: number;
  /** At most so many share one connection. */
  readonly together: number;
  /** Logins that may wait for a connection, besides those for whom one is being opened; more fail at once. */
  readonly waiting: number;
  /** Milliseconds without use after which a connection is closed. */
  readonly idleMs: number;
  /** Milliseconds after which a connection is not lent again. */
  readonly ageMs: number;
}

export interface PoolParts<C> {
  readonly open: Open<C>;
  readonly limits: PoolLimits;
  readonly clock: Clock;
}

/**
 * Connections that are lent: so many at most, the warmest first, closed when idle or old. Whoever finds none waits in line; nobody waits
 * while one is idle, or while there is a place for another.
 *
 * Logins come in bursts, and a write of its own for each question is most of what a question costs. So those of one turn of the event
 * loop who share get one connection together, and what they ask goes out in one write. Later ones do not join: a question that takes
 * long keeps only its companions waiting.
 *
 * A connection is opened for the line and not for one of those in it: the first gets whatever comes first, a new one or one that was given
 * back. An opening that fails fails the first, if he waited when it began. One that died keeps its place until somebody would take it or
 * gives it back, and loses it once.
 */
export class Pool<C extends Pooled> {
  readonly #limits: PoolLimits;
  readonly #clock: Clock;
  readonly #openings: Openings<C>;
  readonly #all = new Set<Member<C>>();
  readonly #idle: Idle<Member<C>>;
  readonly #line = new Line<Lent<C>>();
  readonly #takeBack = (member: Member<C>): void => this.#back(member);
  /** Takes along who comes in this turn. */
  #boarding: Member<C> | undefined;

  constructor({ open, limits, clock }: PoolParts<C>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#openings = new Openings({
      open,
      opened: (connection, lastInLine, doubtful) => this.#add(connection, lastInLine, doubtful),
      failed: (cause, lastInLine) => void this.#line.fail(cause, lastInLine),
      ended: () => this.#openMore(),
    });
    this.#idle = new Idle(clock, limits.idleMs, (member) => void this.#retire(member));
  }

  /** Connections that have a place: open, or being opened. */
  get size(): number {
    return this.#all.size + this.#openings.size;
  }

  /** Lends again after `stop`. */
  start(): void {
    this.#openings.start();
  }

  /** What can be had at once: a connection that nobody uses, or that takes others along. It may have died unnoticed. */
  take(way: Way): Lent<C> | undefined {
    const boarding = way === 'shared' ? this.#boarding : undefined;
    if (boarding !== undefined && this.#hasRoom(boarding)) return this.#lend(boarding);
    for (let member = this.#idle.take(); member !== undefined; member = this.#idle.take()) {
      if (this.#usable(member)) return this.#begin(member, way);
      this.#remove(member);
    }
    return undefined;
  }

  /** Waits its turn. Rejects with why it waits no longer, why no connection could be opened or why the pool was stopped; or a `LineFull`. */
  acquire(waiting: Waiting, way: Way): Promise<Lent<C>> {
    const over = waiting.reason ?? this.#openings.reason;
    if (over !== undefined) return Promise.reject(over);
    const free = this.take(way);
    if (free !== undefined) return Promise.resolve(free);
    const { max, waiting: most } = this.#limits;
    if (this.size >= max && this.#line.length - this.#openings.expected >= most)
      return Promise.reject(new LineFull(`${most} logins wait for a connection already`));
    const served = this.#line.join(waiting, way);
    this.#openMore();
    return served;
  }

  /** What is idle of these is closed now, what is lent as soon as it comes back. */
  condemn(which: (lent: Lent<C>) => boolean): void {
    for (const member of this.#all) if (which(member)) member.condemned = true;
    for (const member of this.#idle.takeAll(({ condemned }) => condemned)) this.#remove(member);
  }

  /** Condemns all. Whoever asks from now on gets what was opened from now on; what is being opened is for those alone who wait for it. */
  renew(): void {
    this.condemn(() => true);
    this.#openings.doubt();
    this.#openMore();
  }

  /**
   * Closes everything at once: what is lent is cut off, who waits gets the reason. Resolves when what was idle has said good-bye and what was
   * being opened has ended.
   */
  async stop(reason: Error): Promise<void> {
    const openings = this.#openings.stop(reason);
    while (this.#line.fail(reason, this.#line.last));
    this.#idle.stop();
    const goodByes = this.#idle.takeAll(() => true).map((member) => this.#retire(member));
    for (const member of this.#all) this.#remove(member);
    await Promise.all([openings, ...goodByes]);
  }

  #usable({ connection, condemned, born }: Member<C>): boolean {
    return !connection.broken && !condemned && this.#clock.monotonic() - born <= this.#limits.ageMs;
  }

  #hasRoom({ connection, condemned, riders }: Member<C>): boolean {
    return !connection.broken && !condemned && riders < this.#limits.together;
  }

  /** Lends what nobody has. */
  #begin(member: Member<C>, way: Way): Lent<C> {
    member.crowded = false;
    if (way === 'shared' && this.#limits.together > 1) this.#board(member);
    return this.#lend(member);
  }

  /** Until the turn is over, and before the questions leave. */
  #board(member: Member<C>): void {
    const send = member.connection.gather?.();
    this.#boarding = member;
    process.nextTick(() => {
      if (this.#boarding === member) this.#boarding = undefined;
      send?.();
    });
  }

  #lend(member: Member<C>): Lent<C> {
    member.riders += 1;
    if (member.riders > 1) member.crowded = true;
    return member;
  }

  #back(member: Member<C>): void {
    if (member.riders === 0) throw new Error('a connection was given back twice');
    member.riders -= 1;
    if (member.riders > 0 && !member.connection.broken) return;
    if (this.#boarding === member) this.#boarding = undefined;
    if (!this.#usable(member)) return this.#remove(member);
    member.fresh = false;
    this.#passOn(member);
  }

  /** To who has waited longest and to as many behind as may share it; with nobody there, it lies idle. */
  #passOn(member: Member<C>): void {
    const way = this.#line.next;
    if (way === undefined) {
      member.fresh = false;
      return this.#idle.put(member);
    }
    this.#line.serve(this.#begin(member, way));
    while (way === 'shared' && this.#line.next === 'shared' && this.#hasRoom(member)) this.#line.serve(this.#lend(member));
  }

  /** As many as those in line lack. */
  #openMore(): void {
    while (this.#openings.expected < this.#line.length && this.size < this.#limits.max) void this.#openings.begin(this.#line.last);
  }

  #add(connection: C, lastInLine: number, doubtful: boolean): void {
    const member = new Member(connection, this.#clock.monotonic(), this.#takeBack);
    this.#all.add(member);
    member.condemned = doubtful;
    if (doubtful && (this.#line.first ?? Infinity) > lastInLine) this.#remove(member);
    else this.#passOn(member);
  }

  /** Its place is free, once. */
  #remove(member: Member<C>): void {
    if (!this.#all.delete(member)) return;
    member.condemned = true;
    member.connection.destroy();
    this.#openMore();
  }

  /** Nobody waits while one is idle, so nobody waits for its place. */
  #retire(member: Member<C>): Promise<void> | undefined {
    this.#all.delete(member);
    if (member.connection.end !== undefined) return member.connection.end();
    member.connection.destroy();
    return undefined;
  }
}
