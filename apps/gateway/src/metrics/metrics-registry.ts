import type { Counter, Gauge, Histogram, Labels, MetricOptions, Metrics } from '@postern/contract';
import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
  type Metric,
} from 'prom-client';

/** Upper bounds in seconds: from a map lookup to nginx's patience. */
export const defaultBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

type AnyMetric = PromCounter | PromGauge | PromHistogram;

/** prom-client's classes; `buckets` concerns histograms only. */
type Kind<M extends AnyMetric> = new (configuration: {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: Registry[];
  readonly buckets: number[];
}) => M;

interface Known {
  readonly labels: string;
  readonly metric: AnyMetric;
}

/**
 * All numbers of this process. It outlives generations, so that a reload resets no counter; asking again for a metric
 * gives the one that is there.
 */
export class MetricsRegistry {
  readonly #registry = new Registry();
  readonly #known = new Map<string, Known>();
  #together: (() => Promise<string>) | undefined;

  /** The contract's `Metrics` for one plugin instance: names get `postern_`, series get the label `instance`. */
  forInstance(instance: string): Metrics {
    return {
      counter: (options) => bindCounter(this.#get(PromCounter, options, ['instance']), { instance }),
      gauge: (options) => bindGauge(this.#get(PromGauge, options, ['instance']), { instance }),
      histogram: (options) => bindHistogram(this.#get(PromHistogram, options, ['instance']), { instance }),
    };
  }

  /** A metric that is kept elsewhere and read when somebody asks. */
  register(metric: Metric): void {
    this.#registry.registerMetric(metric);
  }

  /** Adds what is known of the process itself: CPU, memory, the event loop's delay, garbage collection. Once. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Prometheus text format: of this process, or of all when it is one of several. */
  read(): Promise<string> {
    return this.#together?.() ?? this.#registry.metrics();
  }

  /** From now on, `read` gives this instead: the sum over several processes. */
  readTogether(read: () => Promise<string>): void {
    this.#together = read;
  }

  /** This process's numbers as data that can be added up. */
  asJson(): Promise<unknown> {
    return this.#registry.getMetricsAsJSON();
  }

  #get<M extends AnyMetric>(
    kind: Kind<M>,
    options: MetricOptions & { readonly buckets?: readonly number[] },
    hostLabels: readonly string[],
  ): M {
    const name = `postern_${options.name}`;
    const labelNames = [...hostLabels, ...(options.labels ?? [])];
    const labels = [...labelNames].sort().join(',');
    const known = this.#known.get(name);
    if (known !== undefined) {
      if (known.labels === labels && known.metric instanceof kind) return known.metric;
      throw new Error(`the metric ${name} is there already, as another kind or with other labels than ${labels}`);
    }
    const buckets = [...(options.buckets ?? defaultBuckets)];
    const metric = new kind({ name, help: options.help, labelNames, registers: [this.#registry], buckets });
    this.#known.set(name, { labels, metric });
    return metric;
  }
}

/** The host's come last and win. Two spreads in one object would cost a counter on the way of every login three times as much on Node 20. */
const joined = (labels: Labels | undefined, host: Labels): Record<string, string> => Object.assign({}, labels, host);

const bindCounter = (counter: PromCounter, host: Labels): Counter => ({
  inc: (labels, by = 1) => counter.inc(joined(labels, host), by),
});

const bindGauge = (gauge: PromGauge, host: Labels): Gauge => ({
  set: (value, labels) => gauge.set(joined(labels, host), value),
});

const bindHistogram = (histogram: PromHistogram, host: Labels): Histogram => ({
  observe: (seconds, labels) => histogram.observe(joined(labels, host), seconds),
});
