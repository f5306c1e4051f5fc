import type { Clock, MemberRules } from '@postern/contract';
import type { PlaceWatcher, Reach, SharedPlace } from '@postern/kernel';
import type { StateQuestion } from './host-state.js';
import type { Line } from './line.js';

export interface HostPlaceParts {
  readonly line: Pick<Line, 'ask' | 'tell' | 'handle'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Milliseconds for one answer. Default 200. */
  readonly timeoutMs?: number;
}

/** Between two tries while the primary does not answer. */
const probeEveryMs = 250;

/** State that the workers of one host share: it lies with the primary process, which answers over the channel to each worker. */
export class HostPlace implements SharedPlace {
  readonly #line: HostPlaceParts['line'];
  readonly #clock: Pick<Clock, 'after'>;
  readonly #timeoutMs: number;
  #watcher: PlaceWatcher | undefined;
  #reach: Reach = { kind: 'reached' };
  #callOff: () => void = () => undefined;

  constructor({ line, clock, timeoutMs = 200 }: HostPlaceParts) {
    this.#line = line;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    line.handle({ published: (body) => this.#hear(body) });
  }

  get reach(): Reach {
    return this.#reach;
  }

  watch(watcher: PlaceWatcher): void {
    this.#watcher = watcher;
  }

  async open(): Promise<void> {
    await this.#ask(['ping']).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#callOff();
    return Promise.resolve();
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#ask(['get', key]);
    return typeof value === 'string' ? value : undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#ask(['set', key, value, ttlMs]);
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    return Number(await this.#ask(['increment', key, by, ttlMs]));
  }

  async delete(key: string): Promise<void> {
    await this.#ask(['delete', key]);
  }

  async note(key: string, member: string, rules: MemberRules): Promise<number> {
    return Number(await this.#ask(['note', key, member, rules]));
  }

  async forget(key: string, member: string): Promise<void> {
    await this.#ask(['forget', key, member]);
  }

  async count(keys: readonly string[]): Promise<readonly number[]> {
    return (await this.#ask(['count', keys])) as readonly number[];
  }

  publish(topic: string, message: string): Promise<void> {
    return this.#line.tell('publish', [topic, message]) ? Promise.resolve() : Promise.reject(new Error('the primary process is gone'));
  }

  #hear(body: unknown): void {
    const [topic, message] = body as readonly [string, string];
    this.#watcher?.heard(topic, message);
  }

  async #ask(question: StateQuestion): Promise<unknown> {
    try {
      const answer = await this.#line.ask('state', question, this.#timeoutMs);
      this.#become({ kind: 'reached' });
      return answer;
    } catch (error) {
      this.#become({ kind: 'lost', why: error instanceof Error ? error.message : 'it gave no reason' });
      this.#callOff();
      this.#callOff = this.#clock.after(probeEveryMs, () => void this.#ask(['ping']).catch(() => undefined));
      throw error;
    }
  }

  #become(reach: Reach): void {
    const before = this.#reach.kind;
    this.#reach = reach;
    if (reach.kind === 'reached') this.#callOff();
    if (before !== reach.kind) this.#watcher?.changed(reach);
  }
}
