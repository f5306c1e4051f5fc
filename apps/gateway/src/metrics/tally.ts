import type { Metric } from 'prom-client';

/** What prom-client's registry asks of a metric. */
interface Reading {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly metricName?: string;
  }[];
}

/** Lets the registry read numbers that are kept outside prom-client. */
export const readable = (name: string, read: () => Reading): Metric =>
  ({ name, get: () => Promise.resolve(read()), reset: () => undefined }) as unknown as Metric;

type LabelsOf<N extends string> = Readonly<Record<N, string>>;

/** A series of numbers found by its label values, without building a label object or hashing it for every login. */
class SeriesMap<N extends string, S> {
  readonly #byKey = new Map<string, { readonly labels: LabelsOf<N>; readonly series: S }>();
  readonly #names: readonly N[];
  readonly #create: () => S;

  constructor(names: readonly N[], create: () => S) {
    this.#names = names;
    this.#create = create;
  }

  at(key: string, ...values: readonly string[]): S {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.series;
    const series = this.#create();
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? ''])) as LabelsOf<N>;
    this.#byKey.set(key, { labels, series });
    return series;
  }

  all(): IterableIterator<{ readonly labels: LabelsOf<N>; readonly series: S }> {
    return this.#byKey.values();
  }
}

interface Count {
  value: number;
}

/** A counter on the way of every login: prom-client's own costs a label object and a hash each time, this a map lookup. */
export class Tally {
  readonly metric: Metric;
  readonly #series: SeriesMap<string, Count>;

  /** Label values come from closed sets or the config, never from clients: every combination is kept for good. */
  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly labels: readonly string[];
    readonly type?: 'counter' | 'gauge';
  }) {
    const { name, help, labels, type = 'counter' } = options;
    this.#series = new SeriesMap(labels, () => ({ value: 0 }));
    this.metric = readable(name, () => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values: [...this.#series.all()].map(({ labels: at, series }) => ({ value: series.value, labels: at })),
    }));
  }

  /** `values` in the order of the labels. */
  add(by: number, ...values: readonly string[]): void {
    this.#series.at(values.join('\n'), ...values).value += by;
  }
}

interface Spread {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** A histogram on the way of every login. */
export class Timing {
  readonly metric: Metric;
  readonly #series: SeriesMap<string, Spread>;
  readonly #buckets: readonly number[];

  /** `buckets`: upper bounds in seconds, ascending. */
  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly labels: readonly string[];
    readonly buckets: readonly number[];
  }) {
    const { name, help, labels, buckets } = options;
    this.#buckets = buckets;
    this.#series = new SeriesMap(labels, () => ({ counts: new Array<number>(buckets.length).fill(0), sum: 0, count: 0 }));
    this.metric = readable(name, () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...this.#series.all()].flatMap(({ labels: at, series }) => spreadValues(name, at, series, buckets)),
    }));
  }

  /** `values` in the order of the labels. */
  observe(seconds: number, ...values: readonly string[]): void {
    const series = this.#series.at(values.join('\n'), ...values);
    series.sum += seconds;
    series.count += 1;
    const bucket = this.#buckets.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }
}

const spreadValues = (
  name: string,
  labels: Readonly<Record<string, string>>,
  series: Spread,
  buckets: readonly number[],
): Reading['values'] => {
  let below = 0;
  const bounded = buckets.map((bound, index) => {
    below += series.counts[index] ?? 0;
    return { metricName: `${name}_bucket`, value: below, labels: { le: bound, ...labels } };
  });
  return [
    ...bounded,
    { metricName: `${name}_bucket`, value: series.count, labels: { le: '+Inf', ...labels } },
    { metricName: `${name}_sum`, value: series.sum, labels },
    { metricName: `${name}_count`, value: series.count, labels },
  ];
};
