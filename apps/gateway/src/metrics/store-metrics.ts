import type { CircuitState, StoreStatus } from '@postern/kernel';
import type { Metric } from 'prom-client';
import { readable } from './tally.js';

const circuits: Readonly<Record<CircuitState, number>> = { closed: 0, 'half-open': 1, open: 2 };

const gauges: readonly { readonly name: string; readonly help: string; readonly value: (status: StoreStatus) => number }[] = [
  {
    name: 'postern_store_circuit',
    help: 'Whether a store is asked: 0 closed (it is), 1 half-open (one login tries it), 2 open (it is not).',
    value: ({ circuit }) => circuits[circuit],
  },
  { name: 'postern_store_asking', help: 'Questions that a store is answering now.', value: ({ asking }) => asking },
  { name: 'postern_store_waiting', help: 'Questions that wait for a store.', value: ({ waiting }) => waiting },
];

/** How the stores stand when somebody reads it. A store that left the config leaves the metrics. */
export const storeMetrics = (statuses: () => readonly StoreStatus[]): readonly Metric[] =>
  gauges.map(({ name, help, value }) =>
    readable(name, () => ({
      name,
      help,
      type: 'gauge',
      aggregator: 'sum',
      values: statuses().map((status) => ({ value: value(status), labels: { instance: status.name } })),
    })),
  );
