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

type Values = readonly [first: string, second?: string, third?: string];

/**
 * Series by up to three label values, found through maps within maps: no label object, no joined key and no hash for every login.
 */
class SeriesTree<S> {
  readonly #tree = new Map<string, Map<string, Map<string, S>>>();
  readonly #names: readonly string[];
  readonly #create: () => S;

  constructor(names: readonly string[], create: () => S) {
    this.#names = names;
    this.#create = create;
  }

  at(first: string, second = '', third = ''): S {
    return this.#tree.get(first)?.get(second)?.get(third) ?? this.#grow(first, second, third);
  }

  *all(): IterableIterator<{ readonly labels: Readonly<Record<string, string>>; readonly series: S }> {
    for (const [first, branches] of this.#tree) {
      for (const [second, leaves] of branches) {
        for (const [third, series] of leaves) yield { labels: this.#labels([first, second, third]), series };
      }
    }
  }

  #grow(first: string, second: string, third: string): S {
    const branches = this.#tree.get(first) ?? new Map<string, Map<string, S>>();
    const leaves = branches.get(second) ?? new Map<string, S>();
    const series = this.#create();
    this.#tree.set(first, branches);
    branches.set(second, leaves);
    leaves.set(third, series);
    return series;
  }

  #labels(values: readonly string[]): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? '']));
  }
}

interface Count {
  value: number;
}

/** A counter on the way of every login: prom-client's own costs a label object and a hash each time, this a map lookup. */
export class Tally {
  readonly metric: Metric;
  readonly #series: SeriesTree<Count>;

  /** Label values come from closed sets or the config, never from clients: every combination is kept for good. */
  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly labels: readonly string[];
    readonly type?: 'counter' | 'gauge';
  }) {
    const { name, help, labels, type = 'counter' } = options;
    this.#series = new SeriesTree(labels, () => ({ value: 0 }));
    this.metric = readable(name, () => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values: [...this.#series.all()].map(({ labels: at, series }) => ({ value: series.value, labels: at })),
    }));
  }

  /** `values` in the order of the labels. */
  add(by: number, ...[first, second, third]: Values): void {
    this.#series.at(first, second, third).value += by;
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
  readonly #series: SeriesTree<Spread>;
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
    this.#series = new SeriesTree(labels, () => ({ counts: new Array<number>(buckets.length).fill(0), sum: 0, count: 0 }));
    this.metric = readable(name, () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...this.#series.all()].flatMap(({ labels: at, series }) => spreadValues(name, at, series, buckets)),
    }));
  }

  /** `values` in the order of the labels. */
  observe(seconds: number, ...[first, second, third]: Values): void {
    const series = this.#series.at(first, second, third);
    series.sum += seconds;
    series.count += 1;
    let bucket = 0;
    while (bucket < this.#buckets.length && seconds > (this.#buckets[bucket] ?? 0)) bucket++;
    if (bucket < this.#buckets.length) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
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
