import type { RawAttempt } from '@postern/auth-http';
import type { Backends, Bans, Clock, Ledger, Log, NamedStore, Role, Routes, Services, Stores } from '@postern/contract';
import { causeText } from '../answer/cause.js';
import type { Home, HomeFinder, HomeQuestion } from '../answer/home-finder.js';
import { type CanonicalUser, Identity } from '../answer/identity.js';
import type { StoreStatus } from '../answer/guard/store-guard.js';
import type { Outcome } from '../answer/outcome.js';
import type { How } from '../answer/decider.js';
import type { Pipeline } from '../answer/pipeline.js';
import { Placer } from '../answer/placement.js';
import type { ComparisonWatcher, Observer } from '../answer/shadow/observer.js';
import { noStores, StoreFinder } from '../answer/store-finder.js';
import { RouteFinder, routesForRouters } from '../answer/route-finder.js';
import { OpenJournals } from '../answer/open-journals.js';
import { BackendPool } from '../backends/backend-pool.js';
import type { Resolver } from '../backends/resolver.js';
import { answering } from './answering.js';
import { backendsOf } from './backends-of.js';
import { ConfigError, ConfigFailure } from './config-error.js';
import { InFlight } from './life/in-flight.js';
import { lackingStores } from './lacking-stores.js';
import { type Instances, makeInstances } from './life/instances.js';
import { keepAlive } from './life/keep-alive.js';
import { defaultLimits, type LifeLimits } from './life/limits.js';
import { lookupWarnings } from './lookup-warnings.js';
import { observerOf } from './observing.js';
import { guarded, type Readiness, readinessOf } from './readiness.js';
import type { ResolvedConfig, ResolvedUse } from './resolved-config.js';
import { scrubber, secretValues } from './secrets.js';

/** Whose services are wanted. */
export interface ServicesWanted {
  readonly name: string;
  readonly use: string;
  readonly role: Role;
  /** The generation's own, to be handed on as `services.backends`. */
  readonly backends: Backends;
  /** To be handed on as `services.routes`. */
  readonly routes: Routes;
  /** To be handed on as `services.stores`. */
  readonly stores: Stores;
}

/** Builds what one plugin instance is handed; the app does it from a child container. Called once per instance and generation. */
export type MakeServices = (wanted: ServicesWanted) => Services;

export type ServicesFor = (use: ResolvedUse) => Services;

export interface GenerationParts {
  readonly makeServices: MakeServices;
  readonly clock: Clock;
  readonly log: Log;
  readonly resolver: Resolver;
  /** The book of a migration; default: nothing is written down. */
  readonly ledger?: Ledger;
  /** Hears how stores compare. */
  readonly comparisons?: ComparisonWatcher;
  readonly limits?: Partial<LifeLimits>;
}

/** What comparisons under way get before the instances are stopped. */
const comparisonsMs = 1000;

/** What went wrong while stopping; nothing of it kept the rest from being stopped. */
export interface StopFailure {
  readonly instance: string;
  readonly error: unknown;
}

interface Made {
  readonly identity: Identity;
  readonly backends: BackendPool;
  readonly instances: Instances;
  readonly pipeline: Pipeline;
  readonly homes: HomeFinder;
  readonly observer: Observer | undefined;
  readonly stores: StoreFinder;
}

/** One config, made alive: config, instances, pipeline and backends. Never changed, only replaced. */
export class Generation {
  readonly config: ResolvedConfig;
  readonly pipeline: Pipeline;
  readonly backends: BackendPool;
  /** What only shows once the instances are made. */
  readonly warnings: readonly ConfigError[];
  readonly #identity: Identity;
  readonly #homes: HomeFinder;
  readonly #instances: Instances;
  readonly #observer: Observer | undefined;
  readonly #stores: StoreFinder;
  readonly #inFlight: InFlight;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: LifeLimits;
  #stopping: Promise<readonly StopFailure[]> | undefined;

  private constructor(config: ResolvedConfig, parts: GenerationParts, made: Made) {
    this.config = config;
    this.pipeline = made.pipeline;
    this.backends = made.backends;
    this.warnings = lookupWarnings(config, made.instances.stores);
    this.#identity = made.identity;
    this.#homes = made.homes;
    this.#instances = made.instances;
    this.#observer = made.observer;
    this.#stores = made.stores;
    this.#inFlight = new InFlight(parts.clock);
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /**
   * Makes all instances and opens nothing. Throws a `ConfigFailure` with everything that could not be made. `before`: the generation
   * it will replace, whose knowledge of the backends' health it takes over.
   */
  static create(config: ResolvedConfig, parts: GenerationParts, before?: Generation): Generation {
    const { clock, log, resolver } = parts;
    const scrub = scrubber([config.core, ...config.plugins.map(({ options }) => options)].flatMap((part) => secretValues(part)));
    const backends = new BackendPool({ ...backendsOf(config.core), resolver, clock, log, memory: before?.backends.memory() });
    const identity = new Identity(config.core.identity);
    const placer = new Placer({ backends, log });
    const routes = new RouteFinder({ placer, clock, log });
    const journals = new OpenJournals();
    const stores = new StoreFinder({ clock, ms: config.core.nginx.deadline, journals });
    const services: ServicesFor = ({ name, use, plugin: { role } }) =>
      parts.makeServices({
        ...{ name, use, role, backends },
        routes: role === 'backend-router' ? routesForRouters : routes,
        stores: role === 'policy' ? stores : noStores,
      });
    const limits = { ...defaultLimits, ...parts.limits };
    const instances = makeInstances({ config, identity, services, clock, log, limits, scrub });
    const seats = [...instances.stores, ...instances.shadows];
    const problems = [...instances.problems, ...lackingStores(config, seats)];
    if (problems.length > 0) throw new ConfigFailure(problems);
    routes.open(instances.routers);
    stores.open(seats);
    const observer = observerOf(config, parts, { identity, routes, stores, instances });
    try {
      const answerers = answering(config, parts, { identity, placer, backends, instances, journals, observer, scrub });
      return new Generation(config, parts, { identity, backends, instances, ...answerers, observer, stores });
    } catch (cause) {
      const message = `the instances do not fit together: ${scrub(causeText(cause))}`;
      throw new ConfigFailure([new ConfigError('create-failed', { file: config.file, path: ['plugins'] }, message)]);
    }
  }

  /** Attempts that are being answered now. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  /** Names of instances whose start has not succeeded (yet). */
  get notStarted(): readonly { readonly name: string; readonly use: string }[] {
    return this.#instances.lives.filter(({ up }) => !up).map(({ name, use }) => ({ name, use }));
  }

  /**
   * Starts everything in order. Never rejects: what does not start is tried again in the background. `patient`: waits for each start
   * as long as it may take; otherwise a slow one does not hold up the others.
   */
  start({ patient = false }: { readonly patient?: boolean } = {}): Promise<void> {
    return keepAlive(async () => {
      await this.backends.start();
      for (const life of this.#instances.lives) {
        if (this.#stopping !== undefined) return;
        const started = life.start(patient ? this.#limits.startMs + 1000 : this.#limits.patienceMs);
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
    return this.#homes.find(typed, question);
  }

  /** How each store stands, as its own questions show. */
  get stores(): readonly StoreStatus[] {
    return [...this.#instances.stores, ...this.#instances.shadows].map(({ guard }) => guard.status);
  }

  /** A store that is switched on, in the shadow or not, to be asked apart from any login. Undefined: there is none of that name. */
  store(name: string): NamedStore | undefined {
    return this.#stores.get(name);
  }

  /** Whom its policies keep out, by the name of the instance. */
  get bans(): ReadonlyMap<string, Bans> {
    return new Map(this.#instances.policies.flatMap(({ name, instance: { bans } }) => (bans === undefined ? [] : [[name, bans] as const])));
  }

  /** The one name by which this config knows a login, however it is typed. */
  canonical(typed: string): CanonicalUser {
    return this.#identity.canonical(typed);
  }

  /** Never rejects. */
  async health(): Promise<Readiness> {
    const statuses = await Promise.all(this.#instances.lives.map((life) => life.status()));
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
    await this.#observer?.stop(Math.min(comparisonsMs, this.#limits.stopMs));
    const end = this.#clock.monotonic() + this.#limits.stopMs;
    for (const [index, life] of [...this.#instances.lives.entries()].reverse()) {
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
