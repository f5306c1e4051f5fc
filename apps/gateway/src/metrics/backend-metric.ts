import { protocols } from '@postern/contract';
import type { BackendStatus } from '@postern/kernel';
import type { Metric } from 'prom-client';
import { readable } from './tally.js';

/**
 * `postern_backend_up` as the health checks see it when somebody reads it: 1 up, 0 down or never seen up. What is not checked has no
 * series, and a backend that left the config leaves the metrics.
 */
export const backendMetric = (statuses: () => readonly BackendStatus[]): Metric => {
  const name = 'postern_backend_up';
  const help = 'Whether a backend answers for a protocol, as seen from the gateway.';
  return readable(name, () => ({ name, help, type: 'gauge', aggregator: 'sum', values: statuses().flatMap(valuesOf) }));
};

const valuesOf = ({ name: backend, ports }: BackendStatus): { value: number; labels: Record<string, string> }[] =>
  protocols
    .filter((protocol) => ports[protocol].health !== 'unchecked')
    .map((protocol) => ({ value: ports[protocol].health === 'up' ? 1 : 0, labels: { backend, protocol } }));
