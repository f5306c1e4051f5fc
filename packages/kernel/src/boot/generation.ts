import type { RawAttempt } from '@postern/auth-http';
import type { Bans, Clock, Log, NamedStore } from '@postern/contract';
import { causeText } from '../answer/cause.js';
import type { How } from '../answer/decider.js';
import type { StoreStatus } from '../answer/guard/store-guard.js';
import type { Home, HomeQuestion } from '../answer/home-finder.js';
import type { CanonicalUser } from '../answer/identity.js';
import type { Outcome } from '../answer/outcome.js';
import type { Pipeline } from '../answer/pipeline.js';
import type { BackendPool } from '../backends/backend-pool.js';
import { type Assembly, assemble } from './assembly.js';
import type { ConfigError } from './config-error.js';
import type { GenerationParts } from './generation-parts.js';
import { InFlight } from './life/in-flight.js';
import { keepAlive } from './life/keep-alive.js';
import { guarded, type Readiness, readinessOf } from './readiness.js';
import type { ResolvedConfig } from './resolved-config.js';

/** What comparisons under way get before the instances are stopped. */
const comparisonsMs = 1000;

/** What went wrong while stopping; nothing of it kept the rest from being stopped. */
export interface StopFailure {
  readonly instance: string;
  readonly error: unknown;
}

/** One config, made alive: config, instances, pipeline and backends. Never changed, only replaced. */
export class Generation {
  readonly config: ResolvedConfig;
  readonly pipeline: Pipeline;
  readonly backends: BackendPool;
  /** What only shows once the instances are made. */
  readonly warnings: readonly ConfigError[];
  readonly #made: Assembly;
  readonly #inFlight: InFlight;
  readonly #clock: Clock;
  readonly #log: Log;
  #stopping: Promise<readonly StopFailure[]> | undefined;

  private constructor(config: ResolvedConfig, { clock, log }: GenerationParts, made: Assembly) {
    this.config = config;
    this.pipeline = made.pipeline;
    this.backends = made.backends;
    this.warnings = made.warnings;
    this.#made = made;
    this.#inFlight = new InFlight(clock);
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Makes all instances and opens nothing. Throws a `ConfigFailure` with everything that could not be made. `before`: the generation
   * it will replace, whose knowledge of the backends' health it takes over.
   */
  static create(config: ResolvedConfig, parts: GenerationParts, before?: Generation): Generation {
    return new Generation(config, parts, assemble(config, parts, before?.backends.memory()));
  }

  /** Attempts that are being answered now. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  /** Names of instances whose start has not succeeded (yet). */
  get notStarted(): readonly { readonly name: string; readonly use: string }[] {
    return this.#made.instances.lives.filter(({ up }) => !up).map(({ name, use }) => ({ name, use }));
  }

  /**
   * Starts everything in order. Never rejects: what does not start is tried again in the background. `patient`: waits for each start
   * as long as it may take; otherwise a slow one does not hold up the others.
   */
  start({ patient = false }: { readonly patient?: boolean } = {}): Promise<void> {
    return keepAlive(async () => {
      await this.backends.start();
      for (const life of this.#made.instances.lives) {
        if (this.#stopping !== undefined) return;
        const started = life.start(patient ? this.#made.limits.startMs + 1000 : this.#made.limits.patienceMs);
        // At boot nobody waits for one that answers nobody. Before a swap its failure is news.
        if (patient || !life.shadow) await started;
      }
    });
  }

  /** One attempt, counted while it lasts. Never rejects. */
  answer(raw: RawAttempt, how?: How): Promise<Outcome> {
    return this.#inFlight.during(() => this.pipeline.answer(raw, how));
  }

  /** Where this config looks for somebody's mailbox. Asks the stores who that is, and no policy. Never rejects. */
  home(typed: string, question: HomeQuestion): Promise<Home> {
    return this.#made.homes.find(typed, question);
  }

  /** How each store stands, as its own questions show. */
  get stores(): readonly StoreStatus[] {
    return [...this.#made.instances.stores, ...this.#made.instances.shadows].map(({ guard }) => guard.status);
  }

  /** A store that is switched on, in the shadow or not, to be asked apart from any login. Undefined: there is none of that name. */
  store(name: string): NamedStore | undefined {
    return this.#made.stores.get(name);
  }

  /** Whom its policies keep out, by the name of the instance. */
  get bans(): ReadonlyMap<string, Bans> {
    return new Map(
      this.#made.instances.policies.flatMap(({ name, instance: { bans } }) => (bans === undefined ? [] : [[name, bans] as const])),
    );
  }

  /** The one name by which this config knows a login, however it is typed. */
  canonical(typed: string): CanonicalUser {
    return this.#made.identity.canonical(typed);
  }

  /** Never rejects. */
  async health(): Promise<Readiness> {
    const statuses = await Promise.all(this.#made.instances.lives.map((life) => life.status()));
    return readinessOf(guarded(statuses, this.stores), this.backends.statuses());
  }

  /** Waits until no attempt is being answered, at most `ms` milliseconds; gives how many are left. */
  drain(ms: number): Promise<number> {
    return keepAlive(() => this.#inFlight.drained(ms));
  }

  /** In reverse order, each instance once, within `stopMs` together. Never rejects; keeps every failure. */
  stop(): Promise<readonly StopFailure[]> {
    this.#stopping ??= keepAlive(() => this.#stop());
    return this.#stopping;
  }

  async #stop(): Promise<readonly StopFailure[]> {
    const failures: StopFailure[] = [];
    await this.#made.observer?.stop(Math.min(comparisonsMs, this.#made.limits.stopMs));
    const end = this.#clock.monotonic() + this.#made.limits.stopMs;
    for (const [index, life] of [...this.#made.instances.lives.entries()].reverse()) {
      // A fair share of what is left, so that one that hangs does not leave the others unstopped.
      const share = Math.max(0, end - this.#clock.monotonic()) / (index + 1);
      await life.stop(share).catch((error: unknown) => failures.push(this.#stopFailed(life.name, error)));
    }
    await this.backends.stop();
    return failures;
  }

  #stopFailed(instance: string, error: unknown): StopFailure {
    this.#log.warn('an instance did not stop well', { instance, cause: causeText(error) });
    return { instance, error };
  }
}
