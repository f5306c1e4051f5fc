import type { Services } from '@postern/contract';
import { CapturedLog } from './captured-log.js';
import { CapturedMetrics } from './captured-metrics.js';
import { FakeBackends, type FakeBackend } from './fake-backends.js';
import { FakeChanges } from './fake-changes.js';
import { FakeLedger } from './fake-ledger.js';
import { FakeRoutes } from './fake-routes.js';
import { FakeStores } from './fake-stores.js';
import { ManualFiles } from './manual-files.js';
import { MemoryState } from './memory-state.js';
import { SteppableClock } from './steppable-clock.js';

/** `Services` whose parts a test can look into and move. */
export interface FakeServices extends Services {
  readonly log: CapturedLog;
  readonly clock: SteppableClock;
  readonly metrics: CapturedMetrics;
  readonly backends: FakeBackends;
  readonly routes: FakeRoutes;
  readonly stores: FakeStores;
  readonly ledger: FakeLedger;
  readonly shared: MemoryState;
  readonly changes: FakeChanges;
  readonly files: ManualFiles;
}

export interface FakeServicesOptions {
  /** The instance's name; default `test`. */
  readonly name?: string;
  /** Declared backends, or just their names. */
  readonly backends?: readonly (FakeBackend | string)[];
  /** Default: time that stands still. Stores that talk to real servers need a `LiveClock`. */
  readonly clock?: SteppableClock;
}

/** Everything a plugin is handed, made of fakes: nothing leaves the process, and nothing is shared with another call. */
export const fakeServices = (options: FakeServicesOptions = {}): FakeServices => {
  const log = new CapturedLog();
  const clock = options.clock ?? new SteppableClock();
  return {
    name: options.name ?? 'test',
    log,
    clock,
    metrics: new CapturedMetrics(),
    backends: new FakeBackends(options.backends),
    routes: new FakeRoutes(),
    stores: new FakeStores(clock),
    ledger: new FakeLedger(),
    shared: new MemoryState(clock),
    changes: new FakeChanges(),
    files: new ManualFiles(log),
  };
};
