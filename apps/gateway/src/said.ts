import { ConfigFailure, pathText, type ConfigError, type ReloadResult, type StopResult } from '@postern/kernel';
import { problemsText } from './cli/problems.js';
import { DoorError } from './doors/door-error.js';
import type { GatewayLog } from './logging/gateway-log.js';

/** Why the gateway does not start, for the terminal. Throws what nobody foresaw. */
export const startFailure = (error: unknown): string => {
  if (error instanceof ConfigFailure) return problemsText(error.problems);
  if (error instanceof DoorError) return `postern: ${error.message}. ${error.hint}\n`;
  throw error;
};

/** What ends the command though nobody foresaw it, for the terminal. */
export const bugText = (error: unknown): string => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `postern: this is a bug in postern: ${text}\n`;
};

export const sayProblems = (log: GatewayLog, problems: readonly ConfigError[]): void => {
  for (const { severity, code, file, line, path, message, hint } of problems) {
    const about = [pathText(path), message].filter((part) => part !== '').join(' ');
    log[severity === 'error' ? 'error' : 'warn'](about, { code, file, line, hint });
  }
};

export const sayReloaded = (log: GatewayLog, result: ReloadResult, doors: string | undefined): void => {
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

export const sayStopped = (log: GatewayLog, { abandoned, stopFailures }: StopResult): void => {
  for (const { instance, error } of stopFailures) log.error('an instance did not stop cleanly', { instance, error });
  log.info('stopped', { abandoned });
};
