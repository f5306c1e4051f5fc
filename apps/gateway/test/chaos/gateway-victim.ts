import type { Gateway, GatewayConfig } from '@postern/testkit';
import { descendantsOf, freezeTree, killTree, signal } from './process-tree.js';
import type { FaultName, Victim } from './victim.js';

export interface GatewayVictimParts {
  readonly gateway: Gateway;
  /** Each reload takes the next one; the first is what it was started with. */
  readonly configs: readonly GatewayConfig[];
  /** Whether workers answer, so that one of them can fall by itself. */
  readonly workers: boolean;
  /** Told when it ended and nobody had asked for it, or not as it should. */
  readonly ended: (how: string) => void;
}

/** Characters of a log that are shown. */
const lastWords = 4000;

/** The gateway itself: nobody is let in while it is away, and a reload is noticed by nobody. */
export class GatewayVictim implements Victim {
  readonly name = 'gateway';
  readonly faults: readonly FaultName[];
  readonly #parts: GatewayVictimParts;
  #frozen: readonly number[] = [];
  #leaving = false;
  #reloads = 0;

  constructor(parts: GatewayVictimParts) {
    this.#parts = parts;
    this.faults = ['reload', 'kill', 'stop', 'freeze', 'restart', ...(parts.workers ? (['kill worker', 'freeze worker'] as const) : [])];
    this.#watch();
  }

  async break(fault: FaultName): Promise<void> {
    const { gateway } = this.#parts;
    switch (fault) {
      case 'reload':
        return this.#reload();
      case 'kill':
        this.#leaving = true;
        await killTree(gateway.pid);
        await gateway.ended;
        return;
      case 'stop':
        return this.#stop();
      case 'restart':
        await this.#stop();
        return this.mend();
      case 'freeze':
        this.#frozen = await freezeTree(gateway.pid);
        return;
      case 'kill worker':
        return signal(await this.#worker(), 'SIGKILL');
      case 'freeze worker':
        this.#frozen = await freezeTree(await this.#worker());
        return;
      default:
        throw new Error(`the gateway cannot suffer ${fault}`);
    }
  }

  async mend(): Promise<void> {
    this.thaw();
    if (!this.#leaving) return;
    await this.#parts.gateway.start();
    this.#watch();
  }

  thaw(): void {
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
    this.#frozen = [];
  }

  async #worker(): Promise<number> {
    const [worker] = await descendantsOf(this.#parts.gateway.pid);
    if (worker === undefined) throw new Error('the gateway has no workers');
    return worker;
  }

  async #reload(): Promise<void> {
    const { gateway, configs, workers } = this.#parts;
    this.#reloads += 1;
    const config = configs[this.#reloads % configs.length];
    if (config !== undefined) await gateway.reload(config, workers ? /"all workers reloaded"/u : /"reloaded"/u);
  }

  async #stop(): Promise<void> {
    this.#leaving = true;
    const { code, signal: name } = await this.#parts.gateway.stop();
    if (code !== 0) this.#parts.ended(`SIGTERM ended it with ${name ?? String(code)}`);
  }

  #watch(): void {
    this.#leaving = false;
    void this.#parts.gateway.ended.then(({ code, signal: name }) => {
      const last = this.#parts.gateway.output().slice(-lastWords);
      if (!this.#leaving) this.#parts.ended(`it ended by itself with ${name ?? String(code)}; its last words:\n${last}`);
    });
  }
}
