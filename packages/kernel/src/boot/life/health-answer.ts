import type { Clock, Health, Lifecycle, Log } from '@postern/contract';
import { causeText } from '../../answer/cause.js';
import { OutOfTime, withinTime } from '../../answer/deadline.js';
import type { LifeLimits } from './limits.js';

export interface HealthAnswerParts {
  readonly name: string;
  readonly instance: Lifecycle;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LifeLimits;
  readonly scrub: (text: string) => string;
}

const maxNote = 300;

/** An instance's word on its own health: asked at most once at a time, for a limited time, and kept for a moment. */
export class HealthAnswer {
  readonly #parts: HealthAnswerParts;
  #asked: Promise<Health> | undefined;
  #goodUntil = -Infinity;
  #last: Health = { status: 'up' };

  constructor(parts: HealthAnswerParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  ask(): Promise<Health> {
    const { instance, clock } = this.#parts;
    if (instance.health === undefined) return Promise.resolve({ status: 'up' });
    if (clock.monotonic() < this.#goodUntil) return Promise.resolve(this.#last);
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  async #ask(): Promise<Health> {
    const { clock, limits } = this.#parts;
    this.#last = await this.#answer();
    this.#goodUntil = clock.monotonic() + limits.healthCacheMs;
    this.#asked = undefined;
    return this.#last;
  }

  /** Whoever cannot say how it is need not be down: that shows in its answers. */
  async #answer(): Promise<Health> {
    const { name, instance, clock, log, limits, scrub } = this.#parts;
    const abort = new AbortController();
    try {
      const call = async (): Promise<unknown> => instance.health?.(abort.signal);
      return this.#sound(await withinTime(call(), limits.healthMs, clock, () => undefined));
    } catch (cause) {
      abort.abort(cause);
      const why = scrub(causeText(cause)).slice(0, maxNote);
      log.debug('a health check failed', { instance: name, cause: why });
      const note = cause instanceof OutOfTime ? 'its health check did not end in time' : `its health check failed: ${why}`;
      return { status: 'degraded', note };
    }
  }

  #sound(answer: unknown): Health {
    if (typeof answer !== 'object' || answer === null || !('status' in answer)) throw new Error('it gave no status');
    const { status } = answer;
    if (status !== 'up' && status !== 'degraded' && status !== 'down') throw new Error('it gave an unknown status');
    const note = 'note' in answer && typeof answer.note === 'string' && answer.note !== '' ? answer.note : undefined;
    return note === undefined ? { status } : { status, note: this.#parts.scrub(note).slice(0, maxNote) };
  }
}
