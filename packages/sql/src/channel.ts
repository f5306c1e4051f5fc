import type { Clock, Log } from '@postern/contract';
import { Deadlines } from './deadlines.js';
import type { Ear, Listen } from './ear.js';
import { Unreachable, wordsOf } from './failure.js';
import { type PatienceParts, withPatience } from './patience.js';

const firstBackOffMs = 100;
const longestBackOffMs = 2000;
/** How often a silent connection is looked at: one that is cut without a word would stay silent for hours. */
const pingEveryMs = 5000;

export interface ChannelParts {
  /** One for each server; the first that can be listened at is. */
  readonly listens: readonly Listen[];
  /** Milliseconds for opening a connection. */
  readonly connectTimeoutMs: number;
  /** Milliseconds for an answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly hear: (message: string) => void;
  /** Called when it hears again after a time in which messages may have been lost. */
  readonly missed: () => void;
}

/** Hears what a database tells, on one connection of its own that is opened anew, at longer and longer intervals, when it dies. */
export class Channel {
  readonly #parts: ChannelParts;
  readonly #openings: Deadlines;
  readonly #answers: Deadlines;
  #life: AbortController | undefined;
  #living: Promise<void> = Promise.resolve();
  #trouble: string | undefined;
  #gap = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#openings = new Deadlines(parts.connectTimeoutMs, parts.clock);
    this.#answers = new Deadlines(parts.timeoutMs, parts.clock);
  }

  /** Why nothing is heard now; undefined while it is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves after the first try to listen, however that went; never rejects. Does nothing while it is started. */
  async start(): Promise<void> {
    if (this.#life !== undefined) return;
    const life = new AbortController();
    this.#life = life;
    const ear = await this.#open(life.signal);
    this.#living = this.#live(ear, life.signal);
  }

  async stop(): Promise<void> {
    this.#life?.abort(new Unreachable('stopped'));
    this.#life = undefined;
    await this.#living;
    for (const deadlines of [this.#openings, this.#answers]) deadlines.stop();
    // What is told between a stop and a start is not heard.
    this.#gap = true;
  }

  async #live(first: Ear | undefined, signal: AbortSignal): Promise<void> {
    let ear = first;
    let backOffMs = firstBackOffMs;
    while (!signal.aborted) {
      if (ear !== undefined) {
        backOffMs = firstBackOffMs;
        await this.#attend(ear, signal);
        this.#fall('the connection was lost', signal);
      }
      await this.#pause(backOffMs, signal);
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs);
      ear = ended(signal) ? undefined : await this.#open(signal);
    }
    ear?.close();
  }

  /** Listens at the first server that lets us. */
  async #open(signal: AbortSignal): Promise<Ear | undefined> {
    let why = 'no server';
    for (const listen of this.#parts.listens) {
      try {
        const ear = await withPatience(this.#patience(this.#openings, signal), (patience) => listen(this.#parts.hear, patience.signal));
        this.#rise();
        return ear;
      } catch (error) {
        why = wordsOf(error);
      }
    }
    this.#fall(why, signal);
    return undefined;
  }

  /** Until it is deaf, or the other side is not there any more. */
  async #attend(ear: Ear, signal: AbortSignal): Promise<void> {
    const close = (): void => ear.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    while (!ear.deaf.aborted) {
      await this.#pause(pingEveryMs, ear.deaf);
      if (ended(ear.deaf)) break;
      await withPatience(this.#patience(this.#answers, signal), (patience) => patience.wait(ear.ping(), close)).catch(close);
    }
    signal.removeEventListener('abort', close);
  }

  #patience(deadlines: Deadlines, signal: AbortSignal): PatienceParts {
    return { signal, deadlines, tooLate: 'no answer in time' };
  }

  #rise(): void {
    if (this.#trouble !== undefined) this.#parts.log.info('changes are heard again');
    this.#trouble = undefined;
    if (this.#gap) this.#parts.missed();
    this.#gap = false;
  }

  #fall(why: string, signal: AbortSignal): void {
    this.#gap = true;
    if (signal.aborted) return;
    if (this.#trouble === undefined) this.#parts.log.warn('changes are not heard', { why });
    this.#trouble = why;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const callOff = this.#parts.clock.after(ms, end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  }
}

/** Asked in a function of its own: the compiler takes a signal for unchanged across an `await`. */
const ended = (signal: AbortSignal): boolean => signal.aborted;
