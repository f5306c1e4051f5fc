import type { Clock } from '@postern/contract';
import type { Exchange } from './exchange.js';

/** The requests of one connection that were not answered yet, under one timer: one for each costs more than reading its answer. */
export class UnderWay {
  /** In the order of their beginnings, so the first is due first. */
  readonly #exchanges = new Map<number, Exchange>();
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #late: () => void;
  #callOff: (() => void) | undefined;

  /** `ms`: milliseconds until a request must be answered; `late` is called when one was not. */
  constructor(clock: Clock, ms: number, late: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#late = late;
  }

  get size(): number {
    return this.#exchanges.size;
  }

  /** Whether somebody still waits for one of them. */
  get awaited(): boolean {
    for (const exchange of this.#exchanges.values()) if (exchange.awaited) return true;
    return false;
  }

  /** Whether one of them must have the connection for itself. */
  get alone(): boolean {
    for (const exchange of this.#exchanges.values()) if (exchange.alone) return true;
    return false;
  }

  get(id: number): Exchange | undefined {
    return this.#exchanges.get(id);
  }

  add(exchange: Exchange): void {
    this.#exchanges.set(exchange.id, exchange);
    this.#callOff ??= this.#clock.after(this.#ms, () => this.#look());
  }

  delete(id: number): void {
    this.#exchanges.delete(id);
  }

  /** All of them, and nothing is left. */
  fail(cause: Error): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    for (const exchange of exchanges) exchange.fail(cause);
  }

  #look(): void {
    this.#callOff = undefined;
    const [first] = this.#exchanges.values();
    if (first === undefined) return;
    const left = first.startedAt + this.#ms - this.#clock.monotonic();
    if (left <= 0) this.#late();
    else this.#callOff = this.#clock.after(Math.max(1, Math.ceil(left)), () => this.#look());
  }
}
