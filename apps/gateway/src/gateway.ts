import {
  ConfigError,
  ConfigFailure,
  Running,
  type BackendStatus,
  type ReloadResult,
  type ResolvedConfig,
  type RunningParts,
  type StopResult,
} from '@postern/kernel';
import type { Health } from '@postern/contract';
import type { Composition } from './compose.js';
import { deskOf } from './desk.js';
import { Doorkeeper } from './doorkeeper.js';
import { DoorError } from './doors/door-error.js';
import { backendMetric } from './metrics/backend-metric.js';
import { storeMetrics } from './metrics/store-metrics.js';
import { GatewayOperations } from './operator/gateway-operations.js';
import type { ReadyReport } from './operator/operator-app.js';
import type { StateHealth } from './state/deployment-state.js';

export interface GatewayParts {
  readonly composition: Composition;
  /** Absolute. */
  readonly file: string;
  readonly env: () => Readonly<Record<string, string | undefined>>;
  /** In place of what lies at `file`, at the start and at each reload. */
  readonly text?: () => string;
  /** Where it is one of several processes: what the operator hears of all of them in place of this one's own report. */
  readonly together?: (own: () => Promise<ReadyReport>) => Promise<ReadyReport>;
}

/** The running product: a generation that answers and the doors in front of it. */
export class Gateway {
  readonly #composition: Composition;
  readonly #doors: Doorkeeper;
  #running: Running | undefined;
  #stopping: Promise<StopResult> | undefined;

  private constructor(composition: Composition, together: GatewayParts['together']) {
    this.#composition = composition;
    const { answerer, changes, clock, log, metrics } = composition;
    const operations = new GatewayOperations({ generation: () => this.#alive.current, changes, clock, log });
    const own = (): Promise<ReadyReport> => this.readiness();
    const readiness = together === undefined ? own : (): Promise<ReadyReport> => together(own);
    this.#doors = new Doorkeeper({ answerer, clock, log, metrics, operations, readiness });
    metrics.register(backendMetric(() => this.#backends()));
    for (const metric of storeMetrics(() => this.#running?.current.stores ?? [])) metrics.register(metric);
  }

  /**
   * Starts the plugins, then opens the doors: nobody is told "temporary" who could have waited in the listening queue of another
   * gateway. Rejects with a `ConfigFailure` or a `DoorError`; nothing is then left open.
   */
  static async start({ composition, file, env, text, together }: GatewayParts): Promise<Gateway> {
    const gateway = new Gateway(composition, together);
    const { clock, log, resolver, plugins: source, answerer, ledger, comparisons, makeServices } = composition;
    const running = await gateway.#begin({
      ...{ file, source, env, text, clock, log, resolver, ledger, comparisons, makeServices },
      prepare: async (config) => {
        await composition.state.open(config.core);
        await composition.book.serve(config);
      },
      rebind: (_before, after) => gateway.#rebind(after),
      onSwap: (current, before) => {
        log.setLevel(current.config.core.log.level);
        answerer.serve(deskOf(current, log));
        // At the first start the doors are opened below: there is nothing to settle yet.
        if (before === undefined) return;
        gateway.#doors.settle(current.config.core);
        void composition.book.serve(current.config);
      },
    });
    gateway.#running = running;
    try {
      await gateway.#doors.open(running.current.config.core);
    } catch (error) {
      await running.stop();
      await composition.book.close();
      await composition.state.close();
      throw error;
    }
    return gateway;
  }

  get config(): ResolvedConfig {
    return this.#alive.current.config;
  }

  /** The warnings of the config in force. */
  get warnings(): readonly ConfigError[] {
    return this.#alive.warnings;
  }

  /** Where it listens, in one line, with the real ports. */
  get doors(): string {
    return this.#doors.text;
  }

  addresses(kind: 'nginx' | 'proxy' | 'operator'): readonly string[] {
    return this.#doors.addresses(kind);
  }

  /** Never rejects. */
  reload(): Promise<ReloadResult> {
    return this.#alive.reload();
  }

  /** Stops accepting, answers what is in flight within the deadline, stops the plugins (rule 69). Never rejects. */
  stop(): Promise<StopResult> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  get #alive(): Running {
    if (this.#running === undefined) throw new Error('the gateway has not started');
    return this.#running;
  }

  /** Leaves no connection behind when it does not come to a start. */
  async #begin(parts: RunningParts): Promise<Running> {
    try {
      return await Running.start(parts);
    } catch (error) {
      await this.#composition.book.close();
      await this.#composition.state.close();
      throw error;
    }
  }

  async #stop(): Promise<StopResult> {
    await this.#doors.closeDoors(this.config.core);
    const result = await this.#alive.stop();
    // What the last logins left behind is written now.
    await this.#composition.book.close();
    await this.#composition.state.close();
    await this.#doors.closeAll();
    return result;
  }

  async #rebind(after: ResolvedConfig): Promise<readonly ConfigError[]> {
    try {
      // First what may throw: doors that are open already would stay, though the reload is called off.
      const notes = this.#restartNeeded(after);
      await this.#doors.open(after.core);
      return notes;
    } catch (error) {
      if (error instanceof ConfigFailure) return error.problems;
      if (!(error instanceof DoorError)) throw error;
      return [new ConfigError('door-failed', { file: after.file, path: [] }, error.message, error.hint)];
    }
  }

  #restartNeeded({ core, file }: ResolvedConfig): readonly ConfigError[] {
    if (!this.#composition.state.differs(core)) return [];
    return [new ConfigError('restart-needed', { file, path: ['redis'] }, 'changed', 'Restart the gateway to share its state there.')];
  }

  #backends(): readonly BackendStatus[] {
    return this.#running?.current.backends.statuses() ?? [];
  }

  /** How this process is doing. */
  async readiness(): Promise<ReadyReport> {
    const { state, book } = this.#composition;
    const readiness = withLedger(withState(await this.#alive.health(), state.health()), await book.health());
    // Whoever balances load between gateways must stop sending before the doors are gone.
    return this.#stopping === undefined ? readiness : { ...readiness, status: 'down' };
  }
}

/** Nor does a login need the ledger. */
const withLedger = (readiness: ReadyReport, ledger: Health | undefined): ReadyReport => {
  if (ledger === undefined) return readiness;
  const isUp = ledger.status === 'up';
  const status = readiness.status === 'ready' && !isUp ? 'degraded' : readiness.status;
  return { ...readiness, status, ledger: isUp ? { status: 'up' } : { ...ledger, status: 'degraded' } };
};

/** Without the shared state logins are still answered: that is never more than degraded. */
const withState = (readiness: ReadyReport, shared: StateHealth | undefined): ReadyReport => {
  if (shared === undefined) return readiness;
  const status = readiness.status === 'ready' && shared.status !== 'up' ? 'degraded' : readiness.status;
  return { ...readiness, status, shared };
};
