import { ConfigFailure, problemText, type ConfigError, type ReloadResult } from '@postern/kernel';
import type { Io } from './cli/io.js';
import { problemsText } from './cli/problems.js';
import type { ExitCode } from './cli/shell.js';
import { compose, type Override } from './compose.js';
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
export const serve = async (io: Io, { file, overrides = [] }: ServeOptions): Promise<ExitCode> => {
  const destination = logDestination(io.stdout);
  const composition = compose({ logStream: destination.stream, logLevel: 'info', overrides });
  try {
    const gateway = await Gateway.start({ composition, file, env: () => io.env });
    await untilEnded(gateway, composition.log, io);
    return 0;
  } catch (error) {
    io.stderr.write(startFailure(error));
    return 2;
  } finally {
    destination.flush();
  }
};

const startFailure = (error: unknown): string => {
  if (error instanceof ConfigFailure) return problemsText(error.problems);
  if (error instanceof DoorError) return `postern: ${error.message}. ${error.hint}\n`;
  throw error;
};

/** From the ready line to the last answer. */
const untilEnded = (gateway: Gateway, log: GatewayLog, io: Io): Promise<void> => {
  sayWarnings(log, gateway.warnings);
  return new Promise((resolve, reject) => {
    const reload = (): void => void gateway.reload().then((result) => sayReloaded(log, gateway, result), reject);
    const fault = (error: unknown): void => log.error('a fault that nobody caught; serving goes on', { error });
    // A second signal finds nobody listening, and ends the process the hard way.
    const end = (): void => {
      for (const signal of endings) io.signals.off(signal, end);
      io.signals.off('SIGHUP', reload);
      log.info('stopping: no new logins, those in flight are answered');
      void gateway.stop().then(({ abandoned, stopFailures }) => {
        for (const { instance, error } of stopFailures) log.error('an instance did not stop cleanly', { instance, error });
        log.info('stopped', { abandoned });
        for (const kind of faults) io.signals.off(kind, fault);
        resolve();
      }, reject);
    };
    for (const signal of endings) io.signals.on(signal, end);
    for (const kind of faults) io.signals.on(kind, fault);
    io.signals.on('SIGHUP', reload);
    io.stdout.write(`postern is ready: ${gateway.doors}\n`);
  });
};

const endings = ['SIGTERM', 'SIGINT'] as const;

/** A plugin that throws where nobody waits for it must not end everybody's logins (rule 58). */
const faults = ['uncaughtException', 'unhandledRejection'] as const;

const sayWarnings = (log: GatewayLog, warnings: readonly ConfigError[]): void => {
  for (const warning of warnings) log.warn(problemText(warning), { code: warning.code });
};

const sayReloaded = (log: GatewayLog, gateway: Gateway, result: ReloadResult): void => {
  if (result.kind === 'kept') {
    for (const problem of result.problems)
      log[problem.severity === 'error' ? 'error' : 'warn'](problemText(problem), { code: problem.code });
    log.error('not reloaded: the old config goes on serving', { problems: result.problems.length });
    return;
  }
  sayWarnings(log, result.problems);
  for (const { instance, error } of result.stopFailures)
    log.error('an instance of the old config did not stop cleanly', { instance, error });
  log.info('reloaded', { doors: gateway.doors, abandoned: result.abandoned });
};
