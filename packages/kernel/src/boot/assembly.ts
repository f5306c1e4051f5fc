import { causeText } from '../answer/cause.js';
import type { HomeFinder } from '../answer/home-finder.js';
import { Identity } from '../answer/identity.js';
import { OpenJournals } from '../answer/open-journals.js';
import type { Pipeline } from '../answer/pipeline.js';
import { Placer } from '../answer/placement.js';
import { RouteFinder, routesForRouters } from '../answer/route-finder.js';
import type { Observer } from '../answer/shadow/observer.js';
import { noStores, StoreFinder } from '../answer/store-finder.js';
import { BackendPool, type HealthMemory } from '../backends/backend-pool.js';
import { answering } from './answering.js';
import { backendsOf } from './backends-of.js';
import { ConfigError, ConfigFailure } from './config-error.js';
import type { GenerationParts, ServicesFor } from './generation-parts.js';
import { lackingStores } from './lacking-stores.js';
import { type Instances, makeInstances } from './life/instances.js';
import { defaultLimits, type LifeLimits } from './life/limits.js';
import { lookupWarnings } from './lookup-warnings.js';
import { observerOf } from './observing.js';
import type { ResolvedConfig } from './resolved-config.js';
import { scrubber, secretValues } from './secrets.js';

/** All that one config becomes, fitted together. Nothing of it is open yet. */
export interface Assembly {
  readonly identity: Identity;
  readonly backends: BackendPool;
  readonly instances: Instances;
  readonly pipeline: Pipeline;
  readonly homes: HomeFinder;
  /** Undefined where nobody migrates. */
  readonly observer: Observer | undefined;
  readonly stores: StoreFinder;
  readonly limits: LifeLimits;
  /** What only shows once the instances are made. */
  readonly warnings: readonly ConfigError[];
}

/** Throws a `ConfigFailure` with everything that could not be made. `memory`: what was known of the backends' health before. */
export const assemble = (config: ResolvedConfig, parts: GenerationParts, memory: HealthMemory | undefined): Assembly => {
  const { clock, log, resolver } = parts;
  const scrub = scrubber([config.core, ...config.plugins.map(({ options }) => options)].flatMap((part) => secretValues(part)));
  const backends = new BackendPool({ ...backendsOf(config.core), resolver, clock, log, memory });
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
  // What plugins were handed before there was anything to find is opened now.
  routes.open(instances.routers);
  stores.open(seats);
  const observer = observerOf(config, parts, { identity, routes, stores, instances });
  try {
    const answerers = answering(config, parts, { identity, placer, backends, instances, journals, observer, scrub });
    const warnings = lookupWarnings(config, instances.stores);
    return { identity, backends, instances, ...answerers, observer, stores, limits, warnings };
  } catch (cause) {
    const message = `the instances do not fit together: ${scrub(causeText(cause))}`;
    throw new ConfigFailure([new ConfigError('create-failed', { file: config.file, path: ['plugins'] }, message)]);
  }
};
