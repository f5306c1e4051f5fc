import type { Clock, Health, Lifecycle, Log, Role } from '@postern/contract';
import { causeText } from '../../answer/cause.js';
import { OutOfTime, withinTime } from '../../answer/deadline.js';
import type { InstanceStatus } from '../readiness.js';
import { HealthAnswer } from './health-answer.js';
import type { LifeLimits } from './limits.js';

export interface InstanceLifeParts {
  readonly name: string;
  readonly use: string;
  readonly role: Role;
  /** Nobody's answer depends on it. */
  readonly shadow: boolean;
  readonly instance: Lifecycle;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LifeLimits;
  /** Takes the config's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

type State = 'idle' | 'starting' | 'up' | 'failed' | 'stopped';

const firstRetryMs = 1000;
const longestRetryMs = 30_000;
/** What a start that was called off gets to notice it before `stop` follows. */
const settleMs = 1000;

/** One instance from its start to its stop. A start that fails or hangs is tried again, at longer and longer intervals. */
export class InstanceLife {
  readonly name: string;
  readonly use: string;
  readonly role: Role;
  readonly shadow: boolean;
  readonly #parts: InstanceLifeParts;
  readonly #health: HealthAnswer;
  #state: State = 'idle';
  #why = '';
  #retries = 0;
  #callOff: (() => void) | undefined;
  #abort = new AbortController();
  #attempt: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(parts: InstanceLifeParts) {
    this.name = parts.name;
    this.use = parts.use;
    this.role = parts.role;
    this.shadow = parts.shadow;
    this.#parts = parts;
    this.#health = new HealthAnswer(parts);
  }

  /** Whether its last start succeeded. */
  get up(): boolean {
    return this.#state === 'up';
  }

  /** Resolves when the first try has ended, or after `patienceMs`; it then goes on behind. Never rejects. */
  async start(patienceMs: number): Promise<void> {
    if (this.#state !== 'idle') return;
    const first = this.#try();
    await withinTime(first, patienceMs, this.#parts.clock, () => undefined).catch(() => {
      this.#parts.log.warn('an instance is slow to start; the others are started meanwhile', { instance: this.name });
    });
  }

  /** Never rejects. */
  async status(): Promise<InstanceStatus> {
    return { name: this.name, role: this.role, shadow: this.shadow, ...(await this.#current()) };
  }

  /** Once, however often it is called. Rejects with what `stop` rejected with, or when `ms` were not enough. */
  stop(ms: number): Promise<void> {
    this.#stopping ??= this.#stop(ms);
    return this.#stopping;
  }

  #current(): Promise<Health> {
    switch (this.#state) {
      case 'up':
        return this.#health.ask();
      case 'idle':
        return Promise.resolve({ status: 'down', note: 'not started yet' });
      case 'starting':
        return Promise.resolve({
          status: 'down',
          note: this.#retries === 0 ? 'still starting' : `starting again; last time: ${this.#why}`,
        });
      case 'failed':
        return Promise.resolve({ status: 'down', note: this.#why });
      case 'stopped':
        return Promise.resolve({ status: 'down', note: 'stopped' });
    }
  }

  #try(): Promise<void> {
    const { instance, clock, limits } = this.#parts;
    const abort = new AbortController();
    this.#abort = abort;
    this.#state = 'starting';
    const work = call(() => instance.start?.(abort.signal));
    this.#attempt = work.catch(() => undefined);
    return withinTime(work, limits.startMs, clock, () => undefined).then(
      () => this.#succeeded(abort),
      (cause: unknown) => this.#failed(cause, abort),
    );
  }

  #succeeded(abort: AbortController): void {
    if (abort !== this.#abort || this.#state !== 'starting') return;
    this.#state = 'up';
    if (this.#retries > 0) this.#parts.log.info('an instance started at last', { instance: this.name, tries: this.#retries + 1 });
    this.#retries = 0;
  }

  #failed(cause: unknown, abort: AbortController): void {
    abort.abort(cause);
    if (abort !== this.#abort || this.#state !== 'starting') return;
    const { clock, log, scrub } = this.#parts;
    this.#state = 'failed';
    this.#why = scrub(cause instanceof OutOfTime ? `its start did not end: ${cause.message}` : causeText(cause));
    const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#retries++);
    log.error('an instance did not start; it is tried again', { instance: this.name, cause: this.#why, retryMs });
    this.#callOff = clock.after(retryMs, () => void this.#try());
  }

  async #stop(ms: number): Promise<void> {
    const { instance, clock } = this.#parts;
    const begun = this.#state;
    this.#state = 'stopped';
    this.#callOff?.();
    this.#abort.abort(new Error('the instance is being stopped'));
    if (begun === 'idle') return;
    if (begun === 'starting') await withinTime(this.#attempt, Math.min(settleMs, ms), clock, () => undefined).catch(() => undefined);
    const abort = new AbortController();
    try {
      await withinTime(
        call(() => instance.stop?.(abort.signal)),
        ms,
        clock,
        () => undefined,
      );
    } finally {
      abort.abort(new Error('the time for stopping is over'));
    }
  }
}

/** A plugin in plain JavaScript may throw where it should reject. */
const call = async (work: () => Promise<void> | undefined): Promise<void> => {
  await work();
};
