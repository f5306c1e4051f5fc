import { expect } from '@jest/globals';
import { LineFull, type Way } from '@postern/pool';
import { FakeConnection } from './fake-connection.js';
import { idleMs, Rest } from './rest.js';
import { Scene, type Asked, type Opening } from './scene.js';

export const limits = { max: 3, together: 3, waiting: 4, idleMs, ageMs: 3000 } as const;

/** What may happen to a pool. `which`: of those there are, counted around. */
export type Step =
  | { readonly kind: 'ask'; readonly way: Way }
  | { readonly kind: 'give-up' | 'give-back' | 'discard' | 'die' | 'open' | 'open-dead' | 'fail' | 'condemn'; readonly which: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'stop' | 'start' | 'renew' | 'next-turn' };

interface Caller extends Asked {
  readonly number: number;
  readonly way: Way;
  /** Whether a connection could be had at once. */
  readonly atOnce: boolean;
  /** Turn of the event loop in which a connection came; undefined: none did. */
  served: number | undefined;
  gone: boolean;
}

interface Moment {
  readonly callers: number;
  readonly renewals: number;
}

/** A pool, those who use it, and what must be true of them after each step. */
export class Model {
  readonly #scene = new Scene(limits);
  readonly #callers: Caller[] = [];
  /** How many had asked when it began, and how many renewals there had been. */
  readonly #begun = new Map<Opening, Moment>();
  readonly #openedSince = new Map<FakeConnection, Moment>();
  readonly #rest = new Rest(this.#scene.clock);
  readonly #born = new Map<FakeConnection, number>();
  #turn = 0;
  #renewals = 0;
  #stopped = false;
  #stopping: Promise<void> = Promise.resolve();

  async take(step: Step): Promise<void> {
    const before = this.#waiting;
    const [first] = before;
    let mayFail: readonly Caller[] = [];
    switch (step.kind) {
      case 'ask':
        return this.#ask(step.way);
      case 'give-up': {
        const caller = pick(before, step.which);
        caller?.login.giveUp();
        mayFail = caller === undefined ? [] : [caller];
        break;
      }
      case 'give-back':
      case 'discard': {
        const caller = pick(this.#holders, step.which);
        if (caller !== undefined) caller.gone = true;
        if (step.kind === 'discard') caller?.lent?.discard();
        else caller?.lent?.giveBack();
        break;
      }
      case 'die': {
        const connection = pick(this.#open, step.which);
        if (connection !== undefined) connection.broken = true;
        break;
      }
      case 'open':
      case 'open-dead': {
        const connection = new FakeConnection();
        connection.broken = step.kind === 'open-dead';
        const opening = pick(this.#scene.openings, step.which);
        if (opening !== undefined) this.#openedSince.set(connection, this.#begun.get(opening)!);
        opening?.succeed(connection);
        break;
      }
      case 'fail': {
        const opening = pick(this.#scene.openings, step.which);
        const counts = opening?.signal.aborted === false && (first?.number ?? Infinity) <= this.#begun.get(opening)!.callers;
        mayFail = counts ? [first!] : [];
        opening?.fail();
        break;
      }
      case 'condemn':
        this.#scene.pool.condemn(({ connection }) => this.#scene.made.indexOf(connection) % 2 === step.which % 2);
        break;
      case 'time':
        await this.#scene.clock.step(step.ms);
        this.#turn += 1;
        break;
      case 'stop':
        this.#stopping = this.#scene.pool.stop(new Error('stopped'));
        this.#stopped = true;
        mayFail = before;
        break;
      case 'renew':
        this.#scene.pool.renew();
        this.#renewals += 1;
        break;
      case 'start':
        this.#scene.pool.start();
        this.#stopped = false;
        break;
      case 'next-turn':
        await new Promise(setImmediate);
        this.#turn += 1;
    }
    await this.#settle();
    expect(before.filter(({ error }) => error !== undefined)).toEqual(mayFail);
  }

  /** Everybody leaves, and then each place must still be there. */
  async end(): Promise<void> {
    await this.take({ kind: 'stop' });
    while (this.#scene.openings.length > 0) await this.take({ kind: 'open', which: 0 });
    while (this.#holders.length > 0) await this.take({ kind: 'give-back', which: 0 });
    await this.#stopping;
    await this.take({ kind: 'start' });
    for (let place = 0; place < limits.max; place += 1) await this.take({ kind: 'ask', way: 'alone' });
    expect(this.#scene.openings.length).toBe(limits.max);
    while (this.#scene.openings.length > 0) await this.take({ kind: 'open', which: 0 });
    expect(this.#holders.length).toBe(limits.max);
    await this.take({ kind: 'stop' });
    expect([this.#scene.pool.size, this.#scene.clock.pending]).toEqual([0, 0]);
  }

  async #ask(way: Way): Promise<void> {
    const expected = this.#expected;
    const full = this.#scene.pool.size >= limits.max && this.#waiting.length - expected >= limits.waiting;
    const free = this.#free.length > 0;
    const asked = this.#scene.ask(way);
    const caller: Caller = Object.assign(asked, {
      number: this.#callers.length + 1,
      way,
      atOnce: asked.lent !== undefined,
      served: undefined,
      gone: false,
    });
    this.#callers.push(caller);
    if (free) expect(caller.lent).toBeDefined();
    await this.#settle();
    const refused = !caller.atOnce && (this.#stopped || full);
    expect(caller.error === undefined).toBe(!refused);
    if (refused && !this.#stopped) expect(caller.error).toBeInstanceOf(LineFull);
  }

  get #waiting(): readonly Caller[] {
    return this.#callers.filter(({ lent, error }) => lent === undefined && error === undefined);
  }

  get #holders(): readonly Caller[] {
    return this.#callers.filter(({ lent, gone }) => lent !== undefined && !gone);
  }

  /** Openings that bring something for everybody. */
  get #expected(): number {
    const counts = (opening: Opening): boolean => !opening.signal.aborted && this.#begun.get(opening)?.renewals === this.#renewals;
    return this.#scene.openings.filter(counts).length;
  }

  /** Connections that the pool has not closed. */
  get #open(): readonly FakeConnection[] {
    return this.#scene.made.filter(({ destroyed, ended }) => destroyed + ended === 0);
  }

  #holdersOf(connection: FakeConnection): readonly Caller[] {
    return this.#holders.filter(({ lent }) => lent?.connection === connection);
  }

  /** What nobody uses and anybody could. */
  get #free(): readonly FakeConnection[] {
    const now = this.#scene.clock.monotonic();
    return this.#open.filter((one) => !one.broken && this.#holdersOf(one).length === 0 && now - this.#born.get(one)! <= limits.ageMs);
  }

  /** Promises are through, and the turn of the event loop is the same. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    const now = this.#scene.clock.monotonic();
    for (const one of this.#scene.made) if (!this.#born.has(one)) this.#born.set(one, now);
    for (const opening of this.#scene.openings)
      if (!this.#begun.has(opening)) this.#begun.set(opening, { callers: this.#callers.length, renewals: this.#renewals });
    this.#checkServed();
    this.#checkPlaces();
    const unused = this.#open.filter((connection) => this.#holdersOf(connection).length === 0);
    this.#rest.check(unused, this.#stopped);
  }

  /** Who came first is served first; nobody gets what is dead or closed; who is alone is, and others came in one turn. */
  #checkServed(): void {
    const served = this.#callers.filter((caller) => caller.lent !== undefined && caller.served === undefined);
    for (const caller of served) {
      caller.served = this.#turn;
      const { connection, fresh, condemned } = caller.lent!;
      const { callers, renewals } = this.#openedSince.get(connection)!;
      expect([connection.destroyed, connection.ended, condemned]).toEqual([0, 0, renewals < this.#renewals]);
      if (condemned) expect([fresh, caller.number]).toEqual([true, Math.min(caller.number, callers)]);
      if (connection.broken) expect(fresh).toBe(true);
      if (!caller.atOnce) for (const { number } of this.#waiting) expect(number).toBeGreaterThan(caller.number);
    }
    for (const connection of this.#scene.made) {
      const holders = this.#holdersOf(connection);
      expect(holders.length).toBeLessThanOrEqual(limits.together);
      if (holders.length > 1)
        expect(new Set(holders.map(({ way, served: turn }) => `${way} ${turn}`))).toEqual(new Set([`shared ${holders[0]!.served}`]));
      for (const { lent } of holders) expect(lent).toMatchObject({ riders: holders.length });
    }
  }

  /** Each connection has one place and each place one connection; nobody waits while one is free. */
  #checkPlaces(): void {
    const { pool, openings, made } = this.#scene;
    expect(pool.size).toBe(this.#open.length + openings.length);
    expect(pool.size).toBeLessThanOrEqual(limits.max);
    for (const { destroyed, ended } of made) expect(destroyed + ended).toBeLessThanOrEqual(1);
    const waiting = this.#waiting.length;
    if (waiting > 0) expect(this.#free).toEqual([]);
    if (pool.size < limits.max) expect(this.#expected).toBeGreaterThanOrEqual(waiting);
    if (this.#stopped) expect([waiting, this.#open.length]).toEqual([0, 0]);
  }
}

const pick = <T>(among: readonly T[], which: number): T | undefined => among[which % among.length];
