import type { Clock, Log, SharedState } from '@postern/contract';
import { answerFrom, type StateQuestion } from './host-state.js';
import { Line } from './line.js';
import { Seat, type ConfigText, type ReloadOutcome, type WorkerEnd, type WorkerProcess } from './seat.js';
import { watchOver } from './watch.js';

export interface SupervisorParts {
  readonly count: number;
  /** Starts the process that answers as worker `number` (from 1). */
  readonly spawn: (number: number) => WorkerProcess;
  readonly clock: Clock;
  readonly log: Log;
  /** What the workers share where there is no other place. */
  readonly state: SharedState;
  /** Milliseconds that a worker gets to drain. */
  readonly drainMs: () => number;
}

/** With this a worker ends that cannot use the config. */
const badConfig = 2;
/** Before a worker that ended gets a successor: doubled with each end, and from the beginning again after one that lived long. */
const firstPauseMs = 100;
const longestPauseMs = 30_000;
const longLifeMs = 60_000;

/** Starts workers, replaces those that die, and passes on what concerns all of them. It answers no login itself. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #seats: readonly Seat[];
  /** What a worker starts with: the config that was taken last. */
  #config: ConfigText = { text: '' };
  #stopping = false;
  #restarts = 0;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#seats = Array.from({ length: parts.count }, (_, index) => new Seat(index + 1));
  }

  get restarts(): number {
    return this.#restarts;
  }

  get ready(): number {
    return this.#seats.filter(({ ready }) => ready).length;
  }

  /**
   * One after the other, so that a mistake is told once. Gives where they listen, or how the one ended that could not start; nobody is
   * then left.
   */
  async start(
    config: ConfigText,
  ): Promise<{ readonly kind: 'ready'; readonly doors: string } | { readonly kind: 'failed'; readonly end: WorkerEnd }> {
    this.#config = config;
    let doors = '';
    for (const seat of this.#seats) {
      const started = await this.#fill(seat, 'first');
      if (typeof started !== 'string') {
        await this.stop();
        return { kind: 'failed', end: started };
      }
      doors = started;
    }
    return { kind: 'ready', doors };
  }

  /**
   * One after the other: when the first keeps the old config, or dies of the new one, so do all. One that keeps it after another has taken
   * the new one is replaced: there must not be two configs at once.
   */
  async reload(config: ConfigText): Promise<ReloadOutcome> {
    const asked = new Set<WorkerProcess>();
    // Anew each time: while one is asked, another may start with the config before.
    for (let seat = this.#behind(config, asked); seat !== undefined; seat = this.#behind(config, asked)) {
      const outcome = await seat.hand(config, asked);
      if (outcome === 'reloaded') this.#config = config;
      if (outcome === 'reloaded' || outcome === 'empty') continue;
      if (outcome === 'kept' && this.#config !== config) return 'kept';
      if (!this.#stopping) this.#replace(seat);
      if (this.#config !== config) return this.#keptAfterAll();
    }
    // Where nobody was there to be asked, those that come begin with it.
    this.#config = config;
    return 'reloaded';
  }

  #behind(config: ConfigText, asked: ReadonlySet<WorkerProcess>): Seat | undefined {
    return this.#seats.find(({ worker, handed }) => worker !== undefined && handed !== config && !asked.has(worker));
  }

  #keptAfterAll(): 'kept' {
    this.#parts.log.error('not reloaded: the old config goes on serving', {
      hint: 'The first worker that was handed the new one ended, or did not come back from it. SIGHUP tries again.',
    });
    return 'kept';
  }

  /** Everybody drains at once. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#seats.map((seat) => this.#end(seat.worker)));
  }

  /** What every worker that is there says about `subject`, by the worker's number; whoever does not answer in time is left out. */
  async collect(subject: string, timeoutMs: number): Promise<readonly { readonly number: number; readonly report: unknown }[]> {
    const asked = this.#seats.map(async ({ number, worker, ready }) => {
      if (worker === undefined || !ready) return [];
      return worker.line.ask(subject, null, timeoutMs).then(
        (report) => [{ number, report }],
        () => [],
      );
    });
    return (await Promise.all(asked)).flat();
  }

  /** Resolves when the worker is ready, or has ended before. Of the first worker in a seat, the start itself tells how it ended. */
  #fill(seat: Seat, turn: 'first' | 'next'): Promise<string | WorkerEnd> {
    const worker = this.#spawned(seat.number);
    const born = this.#parts.clock.monotonic();
    seat.worker = worker;
    seat.handed = this.#config;
    const filled = new Promise<string | WorkerEnd>((resolve) => {
      let unwatch = (): void => undefined;
      worker.line.handle({
        ready: (doors) => {
          seat.ready = true;
          unwatch();
          unwatch = this.#watch(seat, worker);
          resolve(String(doors));
        },
        config: () => (seat.handed = this.#config).text,
        state: (question) => answerFrom(this.#parts.state, question as StateQuestion),
        publish: (body) => this.#relay(worker, body),
      });
      void worker.ended.then((end) => {
        unwatch();
        const wasReady = seat.ready;
        seat.worker = undefined;
        seat.ready = false;
        if (this.#parts.clock.monotonic() - born > longLifeMs) seat.crashes = 0;
        resolve(end);
        if (wasReady || turn === 'next') this.#mourn(seat, end, worker.pid);
      });
    });
    seat.filling = filled;
    return filled;
  }

  /** Where no process can be made (no memory, too many of them), one that has ended already: it is tried again like any other. */
  #spawned(number: number): WorkerProcess {
    try {
      return this.#parts.spawn(number);
    } catch (error) {
      this.#parts.log.error('a worker could not be started', { worker: number, error });
      const deaf = { send: () => false, onPacket: () => undefined };
      return {
        pid: undefined,
        line: new Line(deaf, this.#parts.clock),
        ended: Promise.resolve({ code: null, signal: null }),
        kill: () => undefined,
      };
    }
  }

  /** A process that hangs still holds connections; nobody but the primary can end it. */
  #watch(seat: Seat, worker: WorkerProcess): () => void {
    const { clock, log } = this.#parts;
    return watchOver(worker.line, clock, () => {
      log.error('a worker hangs and is killed', { worker: seat.number, pid: worker.pid });
      worker.kill();
    });
  }

  #mourn(seat: Seat, { code, signal }: WorkerEnd, pid: number | undefined): void {
    if (this.#stopping) return;
    const pauseMs = Math.min(firstPauseMs * 2 ** seat.crashes, longestPauseMs);
    seat.crashes++;
    this.#restarts++;
    this.#parts.log.error('a worker ended; another one takes its place', { worker: seat.number, pid, code, signal, inMs: pauseMs });
    this.#parts.clock.after(pauseMs, () => {
      if (this.#stopping) return;
      void this.#fill(seat, 'next').then((started) => {
        const { log } = this.#parts;
        if (typeof started === 'string') log.info('a worker took its place', { worker: seat.number, pid: seat.worker?.pid });
        else if (started.code === badConfig) {
          log.error(
            'no worker can take its place: what the config names beside itself is broken, or its doors cannot be opened; the others go on',
            {
              worker: seat.number,
              answering: this.ready,
              hint: 'The lines before this one say what is wrong. Mend it, or reload a config that does without.',
            },
          );
        }
      });
    });
  }

  #replace({ number, worker }: Seat): void {
    this.#parts.log.error('a worker did not take the new config and is replaced', { worker: number, pid: worker?.pid });
    void this.#end(worker);
  }

  async #end(worker: WorkerProcess | undefined): Promise<void> {
    if (worker === undefined) return;
    worker.line.tell('stop', null);
    const insist = this.#parts.clock.after(this.#parts.drainMs(), () => worker.kill());
    await worker.ended;
    insist();
  }

  #relay(from: WorkerProcess, body: unknown): void {
    for (const { worker } of this.#seats) if (worker !== undefined && worker !== from) worker.line.tell('published', body);
  }
}
