import { ConfigFailure, pathText, type ConfigError, type ReloadResult } from '@postern/kernel';
import type { Io } from './cli/io.js';
import { problemsText } from './cli/problems.js';
import type { ExitCode } from './cli/shell.js';
import { compose, type Composition, type Override } from './compose.js';
import { DoorError } from './doors/door-error.js';
import { Gateway } from './gateway.js';
import { logDestination } from './logging/destination.js';
import type { GatewayLog } from './logging/gateway-log.js';

export interface ServeOptions {
  /** Absolute. */
  readonly file: string;
  /** For tests. */
  readonly overrides?: readonly Override[];
}

/** Runs the gateway until a signal ends it. */
export const serve = async (io: Io, options: ServeOptions): Promise<ExitCode> => {
  const destination = logDestination(io.stdout);
  const composition = compose({ logStream: destination.stream, logLevel: 'info', overrides: options.overrides ?? [] });
  composition.metrics.watchProcess();
  const fault = (error: unknown): void => composition.log.error('a fault that nobody caught; serving goes on', { error });
  for (const kind of faults) io.signals.on(kind, fault);
  try {
    await run(composition, options.file, io);
    return 0;
  } catch (error) {
    io.stderr.write(startFailure(error));
    return 2;
  } finally {
    for (const kind of faults) io.signals.off(kind, fault);
    await destination.close();
  }
};

const endings = ['SIGTERM', 'SIGINT'] as const;

/** A plugin that throws where nobody waits for it must not end everybody's logins (rule 58). */
const faults = ['uncaughtException', 'unhandledRejection'] as const;

const startFailure = (error: unknown): string => {
  if (error instanceof ConfigFailure) return problemsText(error.problems);
  if (error instanceof DoorError) return `postern: ${error.message}. ${error.hint}\n`;
  throw error;
};

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
    const { abandoned, stopFailures } = await gateway.stop();
    for (const { instance, error } of stopFailures) log.error('an instance did not stop cleanly', { instance, error });
    log.info('stopped', { abandoned });
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

const sayProblems = (log: GatewayLog, problems: readonly ConfigError[]): void => {
  for (const { severity, code, file, line, path, message, hint } of problems) {
    const about = [pathText(path), message].filter((part) => part !== '').join(' ');
    log[severity === 'error' ? 'error' : 'warn'](about, { code, file, line, hint });
  }
};

const sayReloaded = (log: GatewayLog, result: ReloadResult, doors: string | undefined): void => {
  if (result.kind === 'kept') {
    sayProblems(log, result.problems);
    log.error('not reloaded: the old config goes on serving', { problems: result.problems.length });
    return;
  }
  sayProblems(log, result.problems);
  for (const { instance, error } of result.stopFailures) {
    log.error('an instance of the old config did not stop cleanly', { instance, error });
  }
  log.info('reloaded', { doors, abandoned: result.abandoned });
};
