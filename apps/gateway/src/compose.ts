import type { Backends, Changes, Clock, Files, Ledger, Log, Metrics, Routes, Services, SharedState, Stores } from '@postern/contract';
import {
  ModulePlugins,
  PolledFiles,
  scopedState,
  SharedChanges,
  SystemClock,
  SystemResolver,
  type PluginSource,
  type Resolver,
  type SharedPlace,
  type MakeServices,
  type ServicesWanted,
} from '@postern/kernel';
import { container, instanceCachingFactory, type DependencyContainer } from 'tsyringe';
import { GatewayAnswerer } from './gateway-answerer.js';
import type { LogStream } from './logging/destination.js';
import { GatewayLog } from './logging/gateway-log.js';
import type { LogLevel } from './logging/log-level.js';
import { ComparisonMetrics } from './metrics/comparison-metrics.js';
import { LoginMetrics } from './metrics/login-metrics.js';
import { MetricsRegistry } from './metrics/metrics-registry.js';
import { bundledPlugins } from './plugins.js';
import { DeploymentLedger } from './state/deployment-ledger.js';
import { DeploymentState } from './state/deployment-state.js';

/** The name of a part, which knows its type: `resolve` on a bare symbol would be an unchecked cast. */
export type Token<T> = symbol & { readonly __holds?: T };

const token = <T>(name: string): Token<T> => Symbol(name);

/** What the gateway is made of. The first group lives as long as the process, the others once per generation and per instance. */
export const tokens = {
  clock: token<Clock>('clock'),
  log: token<GatewayLog>('log'),
  metrics: token<MetricsRegistry>('metrics'),
  loginMetrics: token<LoginMetrics>('login metrics'),
  comparisonMetrics: token<ComparisonMetrics>('comparison metrics'),
  state: token<DeploymentState>('deployment state'),
  shared: token<SharedState>('shared state'),
  changes: token<Changes>('changes'),
  book: token<DeploymentLedger>('deployment ledger'),
  ledger: token<Ledger>('ledger'),
  resolver: token<Resolver>('resolver'),
  plugins: token<PluginSource>('plugins'),
  answerer: token<GatewayAnswerer>('answerer'),

  backends: token<Backends>('backends'),

  instance: token<string>('instance name'),
  instanceRoutes: token<Routes>('instance routes'),
  instanceStores: token<Stores>('instance stores'),
  instanceLog: token<Log>('instance log'),
  instanceMetrics: token<Metrics>('instance metrics'),
  instanceShared: token<SharedState>('instance state'),
  instanceFiles: token<Files>('instance files'),
  services: token<Services>('services'),
} as const;

/** Another part in place of the usual one; for tests. */
export interface Override {
  readonly token: symbol;
  readonly value: unknown;
}

export const override = <T>(replaced: Token<T>, value: NoInfer<T>): Override => ({ token: replaced, value });

export interface Outside {
  readonly logStream: LogStream;
  readonly logLevel: LogLevel;
  readonly overrides?: readonly Override[];
  /** On every line of the log. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What the workers of one host share. */
  readonly host?: () => SharedPlace;
}

/** The parts that the rest of the app works with. No container gets out of this file. */
export interface Composition {
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly metrics: MetricsRegistry;
  readonly resolver: Resolver;
  readonly plugins: PluginSource;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly comparisons: ComparisonMetrics;
  readonly state: DeploymentState;
  /** Opened and closed as the config wants it. */
  readonly book: DeploymentLedger;
  readonly answerer: GatewayAnswerer;
  /** Everything one plugin instance is handed. Instances of one generation share a container that knows its backends. */
  readonly makeServices: MakeServices;
}

/** Puts the app together. Nothing is opened and nothing runs yet. */
export const compose = (outside: Outside): Composition => {
  const root = processContainer(outside);
  warm(root);
  const generations = new WeakMap<Backends, DependencyContainer>();
  return {
    clock: get(root, tokens.clock),
    log: get(root, tokens.log),
    metrics: get(root, tokens.metrics),
    resolver: get(root, tokens.resolver),
    plugins: get(root, tokens.plugins),
    changes: get(root, tokens.changes),
    ledger: get(root, tokens.ledger),
    comparisons: get(root, tokens.comparisonMetrics),
    state: get(root, tokens.state),
    book: get(root, tokens.book),
    answerer: get(root, tokens.answerer),
    makeServices: (wanted) => {
      const generation = generations.get(wanted.backends) ?? generationContainer(root, wanted.backends);
      generations.set(wanted.backends, generation);
      return get(instanceContainer(generation, wanted), tokens.services);
    },
  };
};

const get = <T>(from: DependencyContainer, wanted: Token<T>): T => from.resolve<T>(wanted);

const provide = <T>(into: DependencyContainer, provided: Token<T>, make: (from: DependencyContainer) => NoInfer<T>): void => {
  into.register<T>(provided, { useFactory: instanceCachingFactory(make) });
};

const processContainer = ({ logStream, logLevel, overrides = [], tags = {}, host }: Outside): DependencyContainer => {
  const root = container.createChildContainer();
  provide(root, tokens.clock, () => new SystemClock());
  provide(root, tokens.log, () => GatewayLog.to(logStream, logLevel).tagged(tags));
  provide(root, tokens.metrics, () => new MetricsRegistry());
  provide(root, tokens.loginMetrics, (from) => new LoginMetrics(get(from, tokens.metrics)));
  provide(root, tokens.comparisonMetrics, (from) => new ComparisonMetrics(get(from, tokens.metrics)));
  provide(
    root,
    tokens.state,
    (from) =>
      new DeploymentState({
        clock: get(from, tokens.clock),
        log: get(from, tokens.log),
        metrics: get(from, tokens.metrics),
        ...(host === undefined ? {} : { host }),
      }),
  );
  provide(root, tokens.shared, (from) => get(from, tokens.state).shared);
  provide(root, tokens.changes, (from) => new SharedChanges(get(from, tokens.shared), get(from, tokens.log)));
  provide(
    root,
    tokens.book,
    (from) => new DeploymentLedger({ clock: get(from, tokens.clock), log: get(from, tokens.log), metrics: get(from, tokens.metrics) }),
  );
  provide(root, tokens.ledger, (from) => get(from, tokens.book));
  provide(root, tokens.resolver, () => new SystemResolver());
  provide(root, tokens.plugins, () => new ModulePlugins(bundledPlugins));
  provide(
    root,
    tokens.answerer,
    (from) => new GatewayAnswerer({ metrics: get(from, tokens.loginMetrics), clock: get(from, tokens.clock) }),
  );
  for (const { token: replaced, value } of overrides) root.register(replaced, { useFactory: instanceCachingFactory(() => value) });
  return root;
};

/**
 * Makes every part of the process once, here. A part that a child asked for first would be made from the child's own parts and
 * kept for everybody: one instance's log would become the whole gateway's.
 */
const warm = (root: DependencyContainer): void => {
  const { clock, log, metrics, loginMetrics, comparisonMetrics, state, shared, changes, book, ledger, resolver, plugins, answerer } =
    tokens;
  const parts = [clock, log, metrics, loginMetrics, comparisonMetrics, state, shared, changes, book, ledger, resolver, plugins, answerer];
  for (const part of parts) root.resolve(part);
};

const generationContainer = (root: DependencyContainer, backends: Backends): DependencyContainer => {
  const generation = root.createChildContainer();
  generation.register(tokens.backends, { useValue: backends });
  return generation;
};

/** Who an instance is, is said here and nowhere else: name, log tag, metric label, its corner of the shared state. */
const instanceContainer = (generation: DependencyContainer, { name, role, routes, stores }: ServicesWanted): DependencyContainer => {
  const instance = generation.createChildContainer();
  instance.register(tokens.instance, { useValue: name });
  instance.register(tokens.instanceRoutes, { useValue: routes });
  instance.register(tokens.instanceStores, { useValue: stores });
  provide(instance, tokens.instanceLog, (from) => get(from, tokens.log).tagged({ instance: name, role }));
  provide(instance, tokens.instanceMetrics, (from) => get(from, tokens.metrics).forInstance(name));
  provide(instance, tokens.instanceShared, (from) => scopedState(get(from, tokens.shared), name));
  provide(
    instance,
    tokens.instanceFiles,
    (from) => new PolledFiles({ clock: get(from, tokens.clock), log: get(from, tokens.instanceLog) }),
  );
  provide(instance, tokens.services, (from) => ({
    name: get(from, tokens.instance),
    log: get(from, tokens.instanceLog),
    clock: get(from, tokens.clock),
    metrics: get(from, tokens.instanceMetrics),
    backends: get(from, tokens.backends),
    routes: get(from, tokens.instanceRoutes),
    stores: get(from, tokens.instanceStores),
    ledger: get(from, tokens.ledger),
    shared: get(from, tokens.instanceShared),
    changes: get(from, tokens.changes),
    files: get(from, tokens.instanceFiles),
    ...redisOf(get(from, tokens.state)),
  }));
  return instance;
};

const redisOf = ({ redis }: DeploymentState): Pick<Services, 'redis'> => (redis === undefined ? {} : { redis });
