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

/** A shadow must leave the machine to the logins: what it checks costs as much as what they do. */
const usualMost = 4;

const nobody: ComparisonWatcher = { compared: () => undefined, asked: () => undefined, dropped: () => undefined };

/** Undefined where nobody migrates: then logins are not looked at again. */
export const observerOf = (
  config: ResolvedConfig,
  { clock, log, ledger = quietLedger, comparisons = nobody }: ObservingParts,
  { identity, routes, stores, instances }: Observed,
): Observer | undefined => {
  if (!keepsLedger(config)) return undefined;
  const { attributes } = config.core.migration;
  const shadows = instances.shadows.flatMap(({ name, when }): readonly Shadow[] => {
    const store = stores.get(name);
    if (store === undefined) return [];
    const own = config.plugins.some((use) => use.name === name && use.limits !== undefined);
    return [{ name, when, store, most: own ? Infinity : usualMost }];
  });
  const difference = new AccountDifference({ identity, routes, attributes });
  return new Observer({ shadows, difference, deadlineMs: config.core.nginx.deadline, ledger, watcher: comparisons, clock, log });
};

/** Whether anything in the list writes into the ledger: a store in the shadow, or a policy that says so of itself. */
export const keepsLedger = ({ plugins }: ResolvedConfig): boolean =>
  plugins.some(({ mode, inspection }) => mode === 'shadow' || (mode !== 'off' && inspection.keepsLedger === true));
