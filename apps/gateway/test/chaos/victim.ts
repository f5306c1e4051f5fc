import type { Fault, FaultyProxy } from '@postern/testkit';
import { freezeTree, killTree, signal } from './process-tree.js';

/** What processes suffer, and what happens on the way to them. */
export type ProcessFault = 'kill' | 'stop' | 'freeze' | 'restart';
export type WireFault = Exclude<Fault['kind'], 'pass'>;
export type GatewayFault = 'reload' | 'kill worker' | 'freeze worker';
export type FaultName = ProcessFault | WireFault | GatewayFault;

export type VictimName = 'slapd' | 'postgres' | 'redis' | 'mail-a' | 'mail-b' | 'nginx' | 'gateway';

/** Something that can be broken and mended. */
export interface Victim {
  readonly name: VictimName;
  readonly faults: readonly FaultName[];
  /** Resolves when it is broken; *restart* and *reload* resolve when it is there again. */
  break(fault: FaultName): Promise<void>;
  /** Resolves when it is there again. */
  mend(): Promise<void>;
}

/** How a server is handled. */
export interface ServerLife {
  /** Of the head of its processes. */
  pid(): Promise<number>;
  /** Asks it to end and waits for that; works when it has ended. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const wireFaults: readonly WireFault[] = ['refuse', 'black-hole', 'slow', 'drop-mid-reply', 'garbage', 'half-open', 'reset'];
const processFaults: readonly ProcessFault[] = ['kill', 'stop', 'freeze', 'restart'];
const slowMs = 250;

const wireFault = (kind: WireFault): Fault => {
  switch (kind) {
    case 'slow':
      return { kind, ms: slowMs };
    case 'drop-mid-reply':
      return { kind, bytes: 20 };
    case 'refuse':
    case 'black-hole':
    case 'garbage':
    case 'half-open':
    case 'reset':
      return { kind };
  }
};

/** A server, with a proxy in front of it where the gateway's connections pass. */
export class ServerVictim implements Victim {
  readonly name: VictimName;
  readonly faults: readonly FaultName[];
  readonly #life: ServerLife;
  readonly #proxy: FaultyProxy | undefined;
  #frozen: readonly number[] = [];
  #down = false;

  constructor(name: VictimName, life: ServerLife, proxy?: FaultyProxy) {
    this.name = name;
    this.#life = life;
    this.#proxy = proxy;
    this.faults = proxy === undefined ? processFaults : [...processFaults, ...wireFaults];
  }

  async break(fault: FaultName): Promise<void> {
    switch (fault) {
      case 'kill':
        this.#down = true;
        await killTree(await this.#life.pid());
        return;
      case 'stop':
        this.#down = true;
        return this.#life.stop();
      case 'freeze':
        this.#frozen = await freezeTree(await this.#life.pid());
        return;
      case 'restart':
        await this.#life.stop();
        return this.#life.start();
      case 'reload':
      case 'kill worker':
      case 'freeze worker':
        throw new Error(`${this.name} cannot suffer ${fault}`);
      default:
        return this.#proxy?.become(wireFault(fault));
    }
  }

  async mend(): Promise<void> {
    this.thaw();
    await this.#proxy?.become({ kind: 'pass' });
    if (!this.#down) return;
    await this.#life.start();
    this.#down = false;
  }

  /** What is frozen cannot be stopped, either. */
  thaw(): void {
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
    this.#frozen = [];
  }
}
