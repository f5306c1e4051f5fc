import { describe, expect, it } from '@jest/globals';
import type { StoreStatus } from '@postern/kernel';
import { MetricsRegistry } from '../src/metrics/metrics-registry.js';
import { storeMetrics } from '../src/metrics/store-metrics.js';

describe('the metrics of the stores', () => {
  it('show how each stands when somebody reads them, and nothing of one that left', async () => {
    let statuses: readonly StoreStatus[] = [
      { name: 'ldap', circuit: 'open', asking: 3, waiting: 7, note: 'not asked' },
      { name: 'sql', circuit: 'half-open', asking: 1, waiting: 0 },
    ];
    const registry = new MetricsRegistry();
    for (const metric of storeMetrics(() => statuses)) registry.register(metric);
    const text = await registry.read();
    for (const line of [
      'postern_store_circuit{instance="ldap"} 2',
      'postern_store_circuit{instance="sql"} 1',
      'postern_store_asking{instance="ldap"} 3',
      'postern_store_waiting{instance="ldap"} 7',
    ]) {
      expect(text).toContain(line);
    }
    statuses = [{ name: 'sql', circuit: 'closed', asking: 0, waiting: 0 }];
    const later = await registry.read();
    expect(later).toContain('postern_store_circuit{instance="sql"} 0');
    expect(later).not.toContain('ldap');
  });
});
