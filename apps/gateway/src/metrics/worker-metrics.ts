import type { Metric } from 'prom-client';
import { readable } from './tally.js';

/** Numbers of the primary process about its workers. */
export const workerMetrics = (supervisor: () => { readonly ready: number; readonly restarts: number }): readonly Metric[] => [
  readable('postern_workers', () => ({
    name: 'postern_workers',
    help: 'Processes that answer logins now.',
    type: 'gauge',
    aggregator: 'sum',
    values: [{ value: supervisor().ready, labels: {} }],
  })),
  readable('postern_worker_restarts_total', () => ({
    name: 'postern_worker_restarts_total',
    help: 'Workers that ended unasked and were replaced.',
    type: 'counter',
    aggregator: 'sum',
    values: [{ value: supervisor().restarts, labels: {} }],
  })),
];
