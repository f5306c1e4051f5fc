import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import {
  keepAlive,
  MemoryState,
  ModulePlugins,
  readConfig,
  SystemClock,
  type ConfigError,
  type CoreConfig,
  type ResolvedConfig,
} from '@postern/kernel';
import type { Io } from '../cli/io.js';
import { problemsText } from '../cli/problems.js';
import type { ExitCode } from '../cli/shell.js';
import { clearStale } from '../doors/listener.js';
import { logDestination } from '../logging/destination.js';
import { GatewayLog } from '../logging/gateway-log.js';
import { aggregated } from '../metrics/aggregate.js';
import { MetricsRegistry } from '../metrics/metrics-registry.js';
import { workerMetrics } from '../metrics/worker-metrics.js';
import type { ReadyReport } from '../operator/operator-app.js';
import { bundledPlugins } from '../plugins.js';
import { sayProblems, startFailure } from '../said.js';
import { uncaught } from '../uncaught.js';
import { wantedDoors } from '../wanted-doors.js';
import { channelTo, endOf } from './channels.js';
import { Line } from './line.js';
import type { ConfigText, WorkerProcess } from './seat.js';
import { Supervisor } from './supervisor.js';
import { readyTogether } from './together.js';
import { workerMask, workerNumber } from './worker.js';

/** As in `Listener`: the sockets' mode is widened once they are there, never before. */
const socketMask = 0o177;
/** Above the deadline: what a worker needs to stop its plugins. */
const stopMs = 15_000;
const collectMs = 1000;

/** Looks after the processes that answer logins, and answers none itself. */
export const servePrimary = async (io: Io, { file }: { readonly file: string }): Promise<ExitCode> => {
  const read = (): Promise<Checked | Faulty> => checked(file, io.env);
  const first = await read();
  if (first.config === undefined) {
    io.stderr.write(problemsText(first.problems));
    return 2;
  }
  const { core } = first.config;
  const destination = logDestination(io.stdout, { shared: true });
  const log = GatewayLog.to(destination.stream, core.log.level);
  try {
    await clearSockets(core, []);
    const primary = new Primary({ io, read, log, first });
    // While no worker is left, nothing else would hold the process until the next one is due.
    return await keepAlive(() => primary.run());
  } catch (error) {
    io.stderr.write(startFailure(error));
    return 2;
  } finally {
    await destination.close();
  }
};

/** A config without errors, and the very text that was checked: what lies in the file may change at any time. */
interface Checked extends ConfigText {
  readonly config: ResolvedConfig;
}

interface Faulty {
  readonly config: undefined;
  readonly problems: readonly ConfigError[];
}

const checked = async (file: string, env: Io['env']): Promise<Checked | Faulty> => {
  const { config, text, problems } = await readConfig(file, new ModulePlugins(bundledPlugins), env);
  return config === undefined || text === undefined ? { config: undefined, problems } : { config, text };
};

interface PrimaryParts {
  readonly io: Io;
  readonly read: () => Promise<Checked | Faulty>;
  readonly log: GatewayLog;
  readonly first: Checked;
}

class Primary {
  readonly #parts: PrimaryParts;
  readonly #metrics = new MetricsRegistry();
  readonly #supervisor: Supervisor;
  readonly #wanted: number;
  #config: ResolvedConfig;
  #reloading: Promise<void> = Promise.resolve();

  constructor(parts: PrimaryParts) {
    this.#parts = parts;
    this.#config = parts.first.config;
    this.#wanted = countOf(this.#config.core);
    const clock = new SystemClock();
    this.#supervisor = new Supervisor({
      count: this.#wanted,
      spawn: spawnerWith(clock, (line) => this.#serve(line)),
      clock,
      log: parts.log,
      state: new MemoryState({ clock, log: parts.log }),
      drainMs: () => this.#config.core.nginx.deadline + stopMs,
    });
    for (const metric of workerMetrics(() => this.#supervisor)) this.#metrics.register(metric);
  }

  async run(): Promise<ExitCode> {
    const { io, log, first } = this.#parts;
    const reload = (): void => void (this.#reloading = this.#reloading.then(() => this.#reload()));
    io.signals.on('SIGHUP', reload);
    const fault = (error: unknown): void => log.error('a fault that nobody caught; serving goes on', { error });
    for (const kind of uncaught) io.signals.on(kind, fault);
    const stopping = untilSignalled(io);
    try {
      const started = await this.#supervisor.start(first);
      // It has said itself what is wrong.
      if (started.kind === 'failed') return 2;
      io.stdout.write(`postern is ready: ${started.doors} (${this.#wanted} workers)\n`);
      await stopping;
      log.info('stopping: no new logins, those in flight are answered');
      await this.#supervisor.stop();
      log.info('all workers have stopped');
      return 0;
    } finally {
      io.signals.off('SIGHUP', reload);
      for (const kind of uncaught) io.signals.off(kind, fault);
    }
  }

  /** A config that is wrong is told here, once, and no worker hears of it. Never rejects. */
  async #reload(): Promise<void> {
    const { read, log } = this.#parts;
    try {
      const next = await read();
      if (next.config === undefined) {
        sayProblems(log, next.problems);
        log.error('not reloaded: the old config goes on serving', { problems: next.problems.length });
        return;
      }
      const { config } = next;
      await clearSockets(config.core, socketsOf(this.#config.core));
      if ((await this.#supervisor.reload(next)) === 'kept') return;
      if (countOf(config.core) !== this.#wanted)
        log.warn('workers changed', { code: 'restart-needed', hint: 'Restart the gateway for another number.' });
      this.#config = config;
      log.setLevel(config.core.log.level);
      log.info('all workers reloaded', { workers: this.#supervisor.ready });
    } catch (error) {
      log.error('not reloaded: the old config goes on serving', { error });
    }
  }

  /** What a worker asks for the operator: any of them may be the one that the operator reached. */
  #serve(line: Line): void {
    line.handle({
      metrics: async () => {
        const reports = await this.#supervisor.collect('metrics', collectMs);
        return aggregated([await this.#metrics.asJson(), ...reports.map(({ report }) => report)]);
      },
      readiness: async () => {
        const reports = await this.#supervisor.collect('readiness', collectMs);
        return readyTogether(reports as readonly { number: number; report: ReadyReport }[], this.#wanted);
      },
    });
  }
}

const countOf = ({ workers }: CoreConfig): number => (workers === 'auto' ? availableParallelism() : workers);

const spawnerWith = (clock: SystemClock, serve: (line: Line) => void): ((number: number) => WorkerProcess) => {
  const mask = process.umask(socketMask);
  // Whoever is free takes the next connection. The other way, the primary would hand on each of them, which costs more than it brings.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  return (number) => {
    const worker = cluster.fork({ [workerNumber]: String(number), [workerMask]: String(mask) });
    const line = new Line(channelTo(worker), clock);
    serve(line);
    return {
      pid: worker.process.pid,
      line,
      ended: endOf(worker),
      kill: () => void worker.process.kill('SIGKILL'),
    };
  };
};

const socketsOf = (core: CoreConfig): readonly string[] =>
  wantedDoors(core).flatMap(({ address }) => (address.kind === 'unix' ? [address.path] : []));

/** Before the workers listen: they share the sockets, so that none of them can tell a forgotten one from its sibling's. */
const clearSockets = async (core: CoreConfig, ours: readonly string[]): Promise<void> => {
  for (const path of socketsOf(core)) if (!ours.includes(path)) await clearStale(path);
};

/** A second signal finds nobody listening, and ends the process the hard way. */
const untilSignalled = (io: Io): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) io.signals.off(signal, end);
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) io.signals.on(signal, end);
  });
