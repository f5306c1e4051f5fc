import type { ReadyReport } from '../operator/operator-app.js';

type Status = ReadyReport['status'];
type Instances = ReadyReport['instances'];

/** How the workers of one gateway are doing together. `wanted`: how many there should be. */
export const readyTogether = (
  reports: readonly { readonly number: number; readonly report: ReadyReport }[],
  wanted: number,
): ReadyReport & { readonly workers: { readonly wanted: number; readonly answering: number } } => {
  const workers = { wanted, answering: reports.length };
  const [first] = reports;
  if (first === undefined) return { status: 'down', instances: {}, workers };
  const all = reports.map(({ report }) => report);
  const shared = all.map((report) => report.shared).find((one) => one?.status === 'degraded') ?? first.report.shared;
  const ledger = all.map((report) => report.ledger).find((one) => one?.status === 'degraded') ?? first.report.ledger;
  return {
    ...first.report,
    status: statusOf(all, reports.length < wanted),
    instances: worst(reports),
    ...(shared === undefined ? {} : { shared }),
    ...(ledger === undefined ? {} : { ledger }),
    workers,
  };
};

/** Logins still get through while one of them lets them. */
const statusOf = (all: readonly ReadyReport[], someAreMissing: boolean): Status => {
  if (all.every(({ status }) => status === 'down')) return 'down';
  return someAreMissing || all.some(({ status }) => status !== 'ready') ? 'degraded' : 'ready';
};

const order = { up: 0, degraded: 1, down: 2 } as const;

/** Of each instance what the worker says that it is worst with. */
const worst = (reports: readonly { readonly number: number; readonly report: ReadyReport }[]): Instances => {
  const found = new Map<string, Instances[string]>();
  for (const { number, report } of reports) {
    for (const [name, health] of Object.entries(report.instances)) {
      const known = found.get(name);
      if (known !== undefined && order[known.status] >= order[health.status]) continue;
      found.set(
        name,
        health.status === 'up' ? health : { ...health, note: [`worker ${number}`, health.note ?? 'no reason given'].join(': ') },
      );
    }
  }
  return Object.fromEntries(found);
};
