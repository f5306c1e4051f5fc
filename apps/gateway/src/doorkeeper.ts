import type { Clock, Log } from '@postern/contract';
import type { CoreConfig } from '@postern/kernel';
import type { Answerer } from './answerer.js';
import type { Door } from './doors/door.js';
import { ExpressDoor } from './doors/express-door.js';
import { NginxDoor } from './doors/nginx-door.js';
import { shareSocketShapes } from './doors/socket-shapes.js';
import { secureContext } from './doors/tls-material.js';
import type { MetricsRegistry } from './metrics/metrics-registry.js';
import type { Operations } from './operator/operations.js';
import type { ReadyReport } from './operator/operator-app.js';
import { OperatorServer } from './operator/operator-server.js';
import { doorRules, tlsMaterial, wantedDoors, type WantedDoor } from './wanted-doors.js';

export interface DoorkeeperParts {
  readonly answerer: Answerer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly readiness: () => Promise<ReadyReport>;
  readonly operations: Operations;
}

/** A door that is open, or the operator's server. */
type Opened =
  | { readonly kind: 'nginx'; readonly wanted: WantedDoor; readonly door: Door }
  | { readonly kind: 'proxy'; readonly wanted: WantedDoor; readonly door: ExpressDoor }
  | { readonly kind: 'operator'; readonly wanted: WantedDoor; readonly door: OperatorServer };

/** Answers that are on their way get the whole deadline, and a moment to be written. */
const graceOf = (core: CoreConfig): number => core.nginx.deadline + 250;

/** Opens and closes what the config wants to listen, so that no address is ever closed that stays wanted. */
export class Doorkeeper {
  readonly #parts: DoorkeeperParts;
  readonly #opened = new Map<string, Opened>();
  readonly #closing = new Set<Promise<void>>();
  #token: string | undefined;

  constructor(parts: DoorkeeperParts) {
    this.#parts = parts;
    shareSocketShapes();
  }

  /**
   * Opens what is not open yet, all or nothing; what is no longer wanted stays open until `settle`. Rejects with a `DoorError`:
   * everything is then as it was.
   */
  async open(core: CoreConfig): Promise<void> {
    const fresh = wantedDoors(core).filter(({ key }) => !this.#opened.has(key));
    const tls = tlsMaterial(core.proxy);
    // Also for doors that stay: a reload with a broken certificate is refused as a whole.
    if (tls !== undefined) secureContext(tls);
    const opened: Opened[] = [];
    try {
      for (const wanted of fresh) opened.push(await this.#openOne(wanted, core));
    } catch (error) {
      await Promise.all(opened.map(({ door }) => door.close(0)));
      throw error;
    }
    for (const one of opened) this.#opened.set(one.wanted.key, one);
  }

  /** Takes over the rules of the config that is now in force and closes what it does not want. Never throws. */
  settle(core: CoreConfig): void {
    this.#token = core.operator?.token?.reveal();
    const keys = new Set(wantedDoors(core).map(({ key }) => key));
    for (const one of this.#opened.values()) {
      if (keys.has(one.wanted.key)) this.#update(one, core);
      else this.#letGo(one, graceOf(core));
    }
  }

  /** Stops accepting, answers what is in flight, at most for the deadline. The operator may go on asking. */
  async closeDoors(core: CoreConfig): Promise<void> {
    for (const one of this.#opened.values()) if (one.kind !== 'operator') this.#letGo(one, graceOf(core));
    await Promise.all(this.#closing);
  }

  async closeAll(): Promise<void> {
    for (const one of this.#opened.values()) this.#letGo(one, 1000);
    await Promise.all(this.#closing);
  }

  /** `nginx on 127.0.0.1:9143, operator on 127.0.0.1:9144`, with the real ports. */
  get text(): string {
    return [...this.#opened.values()].map(({ kind, door }) => `${kind} on ${door.address}`).join(', ');
  }

  /** Where doors of a kind listen. */
  addresses(kind: WantedDoor['kind']): readonly string[] {
    return [...this.#opened.values()].filter((one) => one.kind === kind).map(({ door }) => door.address);
  }

  async #openOne(wanted: WantedDoor, core: CoreConfig): Promise<Opened> {
    const one = this.#make(wanted, core);
    if (one.kind === 'operator') await one.door.open();
    else await one.door.listen();
    return one;
  }

  #make(wanted: WantedDoor, core: CoreConfig): Opened {
    const { answerer, clock, log, metrics, readiness, operations } = this.#parts;
    const parts = { addresses: [wanted.address], rules: doorRules(core), answerer, clock, log };
    switch (wanted.kind) {
      case 'nginx':
        return { kind: 'nginx', wanted, door: new NginxDoor(parts) };
      case 'proxy': {
        const tls = tlsMaterial(core.proxy);
        return { kind: 'proxy', wanted, door: new ExpressDoor({ ...parts, ...(tls === undefined ? {} : { tls }) }) };
      }
      case 'operator': {
        this.#token ??= core.operator?.token?.reveal();
        const token = (): string | undefined => this.#token;
        return { kind: 'operator', wanted, door: new OperatorServer(wanted.address, { readiness, operations, metrics, log, token }) };
      }
    }
  }

  #update(one: Opened, core: CoreConfig): void {
    if (one.kind === 'operator') return;
    one.door.update(doorRules(core));
    if (one.kind === 'proxy') this.#renew(one.door, core);
  }

  /** `open` tried the files; should they have changed since, the old certificate stays. */
  #renew(door: ExpressDoor, core: CoreConfig): void {
    try {
      const tls = tlsMaterial(core.proxy);
      if (tls !== undefined) door.renew(tls);
    } catch (error) {
      this.#parts.log.error('the new certificate cannot be used; the old one stays', { address: door.address, error });
    }
  }

  #letGo(one: Opened, graceMs: number): void {
    this.#opened.delete(one.wanted.key);
    const closing = one.door.close(graceMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
