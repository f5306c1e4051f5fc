import type { Metric } from 'prom-client';
import { readable } from './tally.js';

const stateKinds = ['memory', 'shared', 'deaf', 'fallback'] as const;

/**
 * Where state is kept. `memory`: nothing is shared, as the config wants it; `shared`: in the shared place; `deaf`: there, but what others
 * publish is not heard; `fallback`: in this process's memory, since the shared place is out of reach.
 */
export type StateKind = (typeof stateKinds)[number];

/** `postern_shared_state`: 1 for the present state, 0 for the others. Over several workers: how many are in each state. */
export const stateMetric = (kind: () => StateKind): Metric => {
  const name = 'postern_shared_state';
  const help = 'Where counters and messages are kept: memory, shared, deaf or fallback.';
  const valuesNow = (): { value: number; labels: Record<string, string> }[] => {
    const present = kind();
    return stateKinds.map((state) => ({ value: state === present ? 1 : 0, labels: { state } }));
  };
  return readable(name, () => ({ name, help, type: 'gauge', aggregator: 'sum', values: valuesNow() }));
};
