import cluster from 'node:cluster';
import { wantedWorkers } from '@postern/kernel';
import type { Io } from './cli/io.js';
import type { ExitCode } from './cli/shell.js';
import { compose, type Composition, type Override } from './compose.js';
import { Gateway } from './gateway.js';
import { logDestination } from './logging/destination.js';
import { sayProblems, sayReloaded, sayStopped, startFailure } from './said.js';
import { uncaught } from './uncaught.js';
import { servePrimary } from './workers/primary.js';
import { serveWorker } from './workers/worker.js';

export interface ServeOptions {
  /** Absolute. */
  readonly file: string;
  /** For tests. */
  readonly overrides?: readonly Override[];
}

/** Runs the gateway until a signal ends it: in this process, or in several that this one looks after. */
export const serve = async (io: Io, options: ServeOptions): Promise<ExitCode> => {
  if (cluster.isWorker) return serveWorker(io, options);
  const workers = await wantedWorkers(options.file);
  // What is no number of processes is told with everything else that is wrong with the config.
  return workers === undefined || workers === 1 ? serveAlone(io, options) : servePrimary(io, options);
};

const serveAlone = async (io: Io, options: ServeOptions): Promise<ExitCode> => {
  const destination = logDestination(io.stdout);
  const composition = compose({ logStream: destination.stream, logLevel: 'info', overrides: options.overrides ?? [] });
  composition.metrics.watchProcess();
  const fault = (error: unknown): void => composition.log.error('a fault that nobody caught; serving goes on', { error });
  for (const kind of uncaught) io.signals.on(kind, fault);
  try {
    await run(composition, options.file, io);
    return 0;
  } catch (error) {
    io.stderr.write(startFailure(error));
    return 2;
  } finally {
    for (const kind of uncaught) io.signals.off(kind, fault);
    await destination.close();
  }
};

const endings = ['SIGTERM', 'SIGINT'] as const;

/** From the first look at the config to the last answer. Rejects when it cannot start. */
const run = async (composition: Composition, file: string, io: Io): Promise<void> => {
  const { log } = composition;
  // Heard from the beginning: unheard, a SIGHUP that comes too early would end the process.
  let gateway: Gateway | undefined;
  const reload = (): void => void gateway?.reload().then((result) => sayReloaded(log, result, gateway?.doors));
  io.signals.on('SIGHUP', reload);
  try {
    gateway = await Gateway.start({ composition, file, env: () => io.env });
    sayProblems(log, gateway.warnings);
    const ended = untilSignalled(io);
    io.stdout.write(`postern is ready: ${gateway.doors}\n`);
    await ended;
    log.info('stopping: no new logins, those in flight are answered');
    sayStopped(log, await gateway.stop());
  } finally {
    io.signals.off('SIGHUP', reload);
  }
};

/** A second signal finds nobody listening, and ends the process the hard way. */
const untilSignalled = (io: Io): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      for (const signal of endings) io.signals.off(signal, end);
      resolve();
    };
    for (const signal of endings) io.signals.on(signal, end);
  });
