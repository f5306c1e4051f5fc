import { once } from 'node:events';
import type { Clock } from '@postern/contract';
import { SystemClock } from '@postern/kernel';
import type { Io } from '../cli/io.js';
import type { ExitCode } from '../cli/shell.js';
import { compose, type Composition } from '../compose.js';
import { Gateway } from '../gateway.js';
import { logDestination, type LogDestination } from '../logging/destination.js';
import type { ReadyReport } from '../operator/operator-app.js';
import { bugText, sayProblems, sayReloaded, sayStopped, startFailure } from '../said.js';
import { uncaught } from '../uncaught.js';
import { channelToPrimary } from './channels.js';
import { HostPlace } from './host-place.js';
import { Line } from './line.js';

/** What the primary hands to a worker in its environment. */
export const workerNumber = 'POSTERN_WORKER';
export const workerMask = 'POSTERN_UMASK';

const collectMs = 1500;
/** The primary may be busy with the end of many workers at once. */
const configMs = 30_000;

/** One of several processes that answer logins. The primary alone starts, reloads and ends it. */
export const serveWorker = async (io: Io, { file }: { readonly file: string }): Promise<ExitCode> => {
  const number = io.env[workerNumber] ?? '?';
  // The primary's own is for the sockets that it binds.
  const mask = io.env[workerMask];
  if (mask !== undefined) process.umask(Number(mask));
  const clock = new SystemClock();
  const line = new Line(channelToPrimary(process), clock);
  const destination = logDestination(io.stdout, { shared: true });
  const composition = composed(number, destination, line, clock);
  const { log, metrics } = composition;
  const fault = (error: unknown): void => log.error('a fault that nobody caught; serving goes on', { error });
  for (const kind of uncaught) io.signals.on(kind, fault);
  // A reload comes through the primary, also when the signal reaches the whole process group.
  io.signals.on('SIGHUP', () => undefined);
  const stopped = untilStopped(io, line);
  try {
    const together = (own: () => Promise<ReadyReport>): Promise<ReadyReport> =>
      line.ask('readiness', null, collectMs).then((report) => report as ReadyReport, own);
    // What the primary has checked, and never what lies in the file by now: that may be half of a new config.
    let text = String(await line.ask('config', null, configMs));
    const gateway = await Gateway.start({ composition, file, text: () => text, env: () => io.env, together });
    if (number === '1') sayProblems(log, gateway.warnings);
    line.handle({
      alive: () => true,
      metrics: () => metrics.asJson(),
      readiness: () => gateway.readiness(),
      reload: async (handed) => {
        text = String(handed);
        const result = await gateway.reload();
        sayReloaded(log, result, gateway.doors);
        return result.kind;
      },
    });
    line.tell('ready', gateway.doors);
    await stopped;
    sayStopped(log, await gateway.stop());
    return await ended(0, destination);
  } catch (error) {
    io.stderr.write(whyNot(error));
    return await ended(2, destination);
  }
};

/** As in a process of its own, but what is shared and what is counted together is the primary's. */
const composed = (worker: string, { stream }: LogDestination, line: Line, clock: Clock): Composition => {
  const host = (): HostPlace => new HostPlace({ line, clock });
  const composition = compose({ logStream: stream, logLevel: 'info', tags: { worker }, host });
  composition.metrics.watchProcess();
  composition.metrics.readTogether(async () => String(await line.ask('metrics', null, collectMs)));
  return composition;
};

/** What nobody foresaw is told here, too: thrown on, it would leave a process that neither answers nor ends. */
const whyNot = (error: unknown): string => {
  try {
    return startFailure(error);
  } catch (unforeseen) {
    return bugText(unforeseen);
  }
};

/** Taken before any plugin is loaded: while one is, `process.exit` is kept from it. */
const exit: (code: ExitCode) => never = process.exit.bind(process);

/** The channel to the primary would keep the process alive, and closing it counts as an accident. */
const ended = async (code: ExitCode, destination: { close(): Promise<void> }): Promise<ExitCode> => {
  await destination.close();
  return exit(code);
};

/** `SIGTERM` and `SIGINT` may reach the whole group, more than once. */
const untilStopped = async (io: Io, line: Line): Promise<void> => {
  const told = new EventTarget();
  const stop = (): void => void told.dispatchEvent(new Event('stop'));
  line.handle({ stop });
  io.signals.on('SIGTERM', stop);
  io.signals.on('SIGINT', stop);
  await once(told, 'stop');
};
