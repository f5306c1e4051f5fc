import type { Line } from './line.js';

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The text of a config that was checked. Two with the same text are two: files beside it may have changed. */
export interface ConfigText {
  readonly text: string;
}

/** A worker process. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  readonly line: Line;
  /** Never rejects; also resolves when the process never came to be. */
  readonly ended: Promise<WorkerEnd>;
  kill(): void;
}

/** A reload starts plugins, and waits for the old ones to drain. */
const reloadMs = 180_000;

export type ReloadOutcome = 'reloaded' | 'kept';

/** A place for one worker, whoever fills it. */
export class Seat {
  /** From 1. */
  readonly number: number;
  worker: WorkerProcess | undefined = undefined;
  ready = false;
  /** Settles when the worker that was started last is ready, or has ended before. */
  filling: Promise<unknown> = Promise.resolve();
  /** What its worker was handed last. */
  handed: ConfigText | undefined = undefined;
  /** In a row, none of which lived for long. */
  crashes = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** Waits for a worker that is just starting, and has it take `config`. Adds whom it finds there to `asked`. */
  async hand(config: ConfigText, asked: Set<WorkerProcess>): Promise<ReloadOutcome | 'gone' | 'empty'> {
    await this.filling;
    const { worker } = this;
    if (worker === undefined) return 'empty';
    asked.add(worker);
    if (!this.ready || this.handed === config) return 'empty';
    const outcome = await Promise.race([worker.line.ask('reload', config.text, reloadMs).catch(() => 'gone'), worker.ended]);
    if (outcome === 'reloaded' && this.worker === worker) this.handed = config;
    return outcome === 'reloaded' || outcome === 'kept' ? outcome : 'gone';
  }
}
