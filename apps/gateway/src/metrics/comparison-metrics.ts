import type { Comparison } from '@postern/contract';
import type { ComparisonWatcher, DropReason } from '@postern/kernel';
import { defaultBuckets, type MetricsRegistry } from './metrics-registry.js';
import { Tally, Timing } from './tally.js';

/** Numbers about stores that are compared with those that answer. */
export class ComparisonMetrics implements ComparisonWatcher {
  readonly #comparisons = new Tally({
    name: 'postern_comparisons_total',
    help: 'How two stores compare over one login, the answering one first.',
    labels: ['answering', 'other', 'kind'],
  });

  readonly #dropped = new Tally({
    name: 'postern_shadow_dropped_total',
    help: 'Comparisons that did not come about, by why the shadow was not asked.',
    labels: ['instance', 'why'],
  });

  readonly #seconds = new Timing({
    name: 'postern_shadow_seconds',
    help: 'Time that a store in the shadow takes for an answer. postern_instance_seconds has that of the answering ones.',
    labels: ['instance'],
    buckets: defaultBuckets,
  });

  constructor(registry: MetricsRegistry) {
    for (const { metric } of [this.#comparisons, this.#dropped, this.#seconds]) registry.register(metric);
  }

  compared({ answering, other, kind }: Comparison): void {
    this.#comparisons.add(1, answering, other, kind);
  }

  asked(shadow: string, ms: number): void {
    this.#seconds.observe(ms / 1000, shadow);
  }

  dropped(shadow: string, why: DropReason): void {
    this.#dropped.add(1, shadow, why);
  }
}
