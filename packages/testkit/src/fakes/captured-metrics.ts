import type { Counter, Gauge, Histogram, Labels, MetricOptions, Metrics } from '@postern/contract';

/** Keeps what was counted; `value` reads it back. */
export class CapturedMetrics implements Metrics {
  readonly #values = new Map<string, number>();
  readonly #observed = new Map<string, number[]>();

  counter(options: MetricOptions): Counter {
    return {
      inc: (labels, by = 1) => {
        const key = keyOf(options.name, labels);
        this.#values.set(key, (this.#values.get(key) ?? 0) + by);
      },
    };
  }

  gauge(options: MetricOptions): Gauge {
    return {
      set: (value, labels) => {
        this.#values.set(keyOf(options.name, labels), value);
      },
    };
  }

  histogram(options: MetricOptions): Histogram {
    return {
      observe: (seconds, labels) => {
        const key = keyOf(options.name, labels);
        this.#observed.set(key, [...(this.#observed.get(key) ?? []), seconds]);
      },
    };
  }

  /** Of a counter or gauge; 0 when nothing was counted. */
  value(name: string, labels?: Labels): number {
    return this.#values.get(keyOf(name, labels)) ?? 0;
  }

  /** Of a histogram, in seconds and in order. */
  observations(name: string, labels?: Labels): readonly number[] {
    return this.#observed.get(keyOf(name, labels)) ?? [];
  }

  /** Every series so far, names and labels, to be searched for what must not be there. */
  text(): string {
    return [...this.#values.keys(), ...this.#observed.keys()].join('\n');
  }
}

const keyOf = (name: string, labels: Labels = {}): string =>
  `${name}${JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)))}`;
