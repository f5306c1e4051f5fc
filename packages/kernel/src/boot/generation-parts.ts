import type { Backends, Clock, Ledger, Log, Role, Routes, Services, Stores } from '@postern/contract';
import type { ComparisonWatcher } from '../answer/shadow/observer.js';
import type { Resolver } from '../backends/resolver.js';
import type { LifeLimits } from './life/limits.js';
import type { ResolvedUse } from './resolved-config.js';

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

/** What the app hands to every generation. */
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
