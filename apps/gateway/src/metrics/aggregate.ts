import { AggregatorRegistry } from 'prom-client';

/** The sum of what several processes measured, in Prometheus text format. `measured`: what `MetricsRegistry.asJson` gave in each. */
export const aggregated = (measured: readonly unknown[]): Promise<string> =>
  AggregatorRegistry.aggregate(measured as Parameters<typeof AggregatorRegistry.aggregate>[0]).metrics();
