import type { Clock, Ledger, Log } from '@postern/contract';
import type { Identity } from '../answer/identity.js';
import { AccountDifference, type RouteChoice } from '../answer/shadow/account-difference.js';
import { type ComparisonWatcher, Observer, type Shadow } from '../answer/shadow/observer.js';
import type { StoreFinder } from '../answer/store-finder.js';
import { quietLedger } from '../services/quiet-ledger.js';
import type { Instances } from './life/instances.js';
import type { ResolvedConfig } from './resolved-config.js';

export interface ObservingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is written down. */
  readonly ledger?: Ledger;
  /** Default: nobody hears of comparisons. */
  readonly comparisons?: ComparisonWatcher;
}

export interface Observed {
  readonly identity: Identity;
  readonly routes: RouteChoice;
  readonly stores: StoreFinder;
  readonly instances: Pick<Instances, 'shadows'>;
}

/** The attributes that are compared unless the config names others. */
const defaultAttributes: readonly string[] = ['host'];

const nobody: ComparisonWatcher = { compared: () => undefined, asked: () => undefined, dropped: () => undefined };

/** Undefined where nobody migrates: then logins are not looked at again. */
export const observerOf = (
  config: ResolvedConfig,
  { clock, log, ledger = quietLedger, comparisons = nobody }: ObservingParts,
  { identity, routes, stores, instances }: Observed,
  attributes = defaultAttributes,
): Observer | undefined => {
  if (!isObserved(config)) return undefined;
  const shadows = instances.shadows.flatMap(({ name, when }): readonly Shadow[] => {
    const store = stores.get(name);
    return store === undefined ? [] : [{ name, when, store }];
  });
  const difference = new AccountDifference({ identity, routes, attributes });
  return new Observer({ shadows, difference, deadlineMs: config.core.nginx.deadline, ledger, watcher: comparisons, clock, log });
};

const isObserved = ({ plugins }: ResolvedConfig): boolean =>
  plugins.some(({ mode, inspection }) => mode === 'shadow' || (mode !== 'off' && inspection.keepsLedger === true));
