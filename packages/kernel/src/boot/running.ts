import type { RawAttempt } from '@postern/auth-http';
import { causeText } from '../answer/cause.js';
import type { Outcome } from '../answer/outcome.js';
import { ConfigError, ConfigFailure } from './config-error.js';
import { changedDoors } from './changed-doors.js';
import type { GenerationParts } from './generation-parts.js';
import { Generation, type StopFailure } from './generation.js';
import type { PluginSource } from './plugin-source.js';
import { type Environment, readConfig, readConfigText } from './read-config.js';
import type { Readiness } from './readiness.js';
import type { ResolvedConfig } from './resolved-config.js';
import { worseStarts } from './worse-starts.js';

export interface RunningParts extends GenerationParts {
  readonly file: string;
  readonly source: PluginSource;
  /** Read anew at each reload. */
  readonly env: () => Environment;
  /** The text of the config, asked for at the start and at each reload, in place of what lies at `file`. */
  readonly text?: (() => string) | undefined;
  /** Before the first generation is made, with a config that is valid. What it rejects with stops the start. */
  readonly prepare?: (config: ResolvedConfig) => Promise<void>;
  /** Milliseconds that attempts of the old generation get to end. Default: its `nginx.deadline` and a second. */
  readonly drainMs?: number;
  /**
   * On reload, after the new generation has started and before it answers: the app opens doors here. An error among what it gives
   * back calls the reload off (the app must have put its doors back). Without it, changed doors are reported as `restart-needed`.
   */
  readonly rebind?: (before: ResolvedConfig, after: ResolvedConfig) => Promise<readonly ConfigError[]>;
  /** Called right after each swap, the first included (`before` is then undefined); must not throw. */
  readonly onSwap?: (current: Generation, before: Generation | undefined) => void;
}

export type ReloadResult =
  /** `problems` holds warnings only. */
  | {
      readonly kind: 'reloaded';
      readonly problems: readonly ConfigError[];
      readonly before: ResolvedConfig;
      readonly after: ResolvedConfig;
      /** Attempts of the old generation that were given up. */
      readonly abandoned: number;
      readonly stopFailures: readonly StopFailure[];
    }
  /** The old generation keeps serving. */
  | { readonly kind: 'kept'; readonly problems: readonly ConfigError[]; readonly config: ResolvedConfig };

export interface StopResult {
  readonly abandoned: number;
  readonly stopFailures: readonly StopFailure[];
}

interface Alive {
  readonly generation: Generation;
  readonly warnings: readonly ConfigError[];
}

/** Holds the generation that answers, and swaps it. */
export class Running {
  readonly #parts: RunningParts;
  #alive: Alive;
  #reloading: Promise<ReloadResult> | undefined;
  #next: Promise<ReloadResult> | undefined;
  #stopping: Promise<StopResult> | undefined;
  #callOff: () => void = () => undefined;
  readonly #calledOff = new Promise<void>((resolve) => (this.#callOff = resolve));

  private constructor(parts: RunningParts, alive: Alive) {
    this.#parts = parts;
    this.#alive = alive;
  }

  /** Reads the config and starts everything. Rejects with a `ConfigFailure`; nothing is then left open. */
  static async start(parts: RunningParts): Promise<Running> {
    const alive = await build(parts);
    await alive.generation.start();
    const running = new Running(parts, alive);
    parts.onSwap?.(alive.generation, undefined);
    return running;
  }

  get current(): Generation {
    return this.#alive.generation;
  }

  /** Warnings of the config in force. */
  get warnings(): readonly ConfigError[] {
    return this.#alive.warnings;
  }

  /** Never rejects. */
  answer(raw: RawAttempt): Promise<Outcome> {
    return this.#alive.generation.answer(raw);
  }

  /** Never rejects. */
  health(): Promise<Readiness> {
    return this.#alive.generation.health();
  }

  /**
   * Builds the next generation beside this one, starts it, swaps, drains and stops the old one. Never rejects: whatever
   * goes wrong, the old one keeps serving. Calls while one is under way share one more that follows: it sees the file they meant.
   */
  reload(): Promise<ReloadResult> {
    if (this.#reloading === undefined) return this.#begin();
    this.#next ??= this.#reloading.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  /** Drains and stops; the second call gives the first one's result. A reload under way is called off. Never rejects. */
  stop(): Promise<StopResult> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #begin(): Promise<ReloadResult> {
    this.#reloading = this.#reload().finally(() => (this.#reloading = undefined));
    return this.#reloading;
  }

  async #reload(): Promise<ReloadResult> {
    let next: Alive | undefined;
    try {
      if (this.#isStopping()) return this.#kept([]);
      next = await build(this.#parts, this.current);
      // An instance may take a minute to start, or hang: nobody who is told to end waits for that.
      await Promise.race([next.generation.start({ patient: true }), this.#calledOff]);
      const worse = this.#isStopping() ? [] : await worseStarts(this.current, next.generation);
      const notes = worse.length === 0 ? await this.#rebind(next) : worse;
      const isRefused = notes.some(({ severity }) => severity === 'error');
      if (!isRefused && !this.#isStopping()) return await this.#swap(next, notes);
      await next.generation.stop();
      return this.#kept([...notes, ...next.warnings]);
    } catch (cause) {
      await next?.generation.stop();
      return this.#kept(cause instanceof ConfigFailure ? cause.problems : [this.#unexpected(cause)]);
    }
  }

  /** A method, since it changes while others are waited for. */
  #isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  async #rebind({ generation }: Alive): Promise<readonly ConfigError[]> {
    const { rebind } = this.#parts;
    const before = this.current.config;
    if (rebind === undefined) return changedDoors(before, generation.config);
    if (this.#isStopping()) return [];
    return rebind(before, generation.config);
  }

  async #swap(next: Alive, notes: readonly ConfigError[]): Promise<ReloadResult> {
    const { generation: old } = this.#alive;
    this.#alive = next;
    this.#parts.onSwap?.(next.generation, old);
    const abandoned = await old.drain(this.#drainMs(old));
    const stopFailures = await old.stop();
    const problems = [...next.warnings, ...notes];
    return { kind: 'reloaded', problems, before: old.config, after: next.generation.config, abandoned, stopFailures };
  }

  #kept(problems: readonly ConfigError[]): ReloadResult {
    return { kind: 'kept', problems, config: this.current.config };
  }

  #unexpected(cause: unknown): ConfigError {
    return new ConfigError('start-failed', { file: this.#parts.file, path: [] }, `the reload failed: ${causeText(cause)}`);
  }

  #drainMs(old: Generation): number {
    return this.#parts.drainMs ?? old.config.core.nginx.deadline + 1000;
  }

  async #stop(): Promise<StopResult> {
    this.#callOff();
    // Only what was begun before: whatever follows sees that the end has come.
    await this.#reloading;
    const abandoned = await this.current.drain(this.#drainMs(this.current));
    return { abandoned, stopFailures: await this.current.stop() };
  }
}

const build = async (parts: RunningParts, before?: Generation): Promise<Alive> => {
  const { file, source, env, text } = parts;
  const { config, problems } = await (text === undefined ? readConfig(file, source, env()) : readConfigText(file, text(), source, env()));
  if (config === undefined) throw new ConfigFailure(problems);
  if (before === undefined) await parts.prepare?.(config);
  const generation = create(config, problems, parts, before);
  return { generation, warnings: [...problems, ...generation.warnings] };
};

const create = (config: ResolvedConfig, warnings: readonly ConfigError[], parts: RunningParts, before?: Generation): Generation => {
  try {
    return Generation.create(config, parts, before);
  } catch (error) {
    throw error instanceof ConfigFailure ? new ConfigFailure([...error.problems, ...warnings]) : error;
  }
};
