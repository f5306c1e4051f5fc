import type { Backends, BackendView, Plugin, Services } from '@postern/contract';
import { quietLedger } from '@postern/kernel';
import type { Composition } from '../../compose.js';
import type { CountedClock } from './leftovers.js';

/** What a plugin is handed when it is looked at alone: a gateway's own parts, without routers, other stores and Redis. */
export const instanceServices = (
  { makeServices }: Pick<Composition, 'makeServices'>,
  { use, role }: Plugin,
  backends: readonly string[],
  clock: CountedClock,
): Services => {
  const made = makeServices({
    ...{ name: use, use, role, backends: backendsNamed(backends) },
    routes: { whereTo: () => Promise.resolve({ kind: 'deferred', cause: new Error('there are no routers while a plugin is verified') }) },
    stores: { get: () => undefined, heard: () => [] },
  });
  return { ...made, clock, ledger: quietLedger };
};

const backendsNamed = (names: readonly string[]): Backends => {
  const views = names.map((name): BackendView => ({ name, weight: 1, state: 'up', healthy: () => true }));
  return { list: () => views, get: (name) => views.find((view) => view.name === name) };
};
