// What the fall of one store does to the others' users, and what is left of the throughput at twice of what can be done. The kernel by
// itself, with stores that only wait: no door, no network. Runs in a process of its own.
import { Condition, Identity, Pipeline, Placer, StoreGuard, SystemClock } from '@postern/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './statistics.mjs';

const seconds = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const clock = new SystemClock();
// The clock's own timers keep no process alive.
setInterval(() => undefined, 60_000);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const usual = { concurrency: 64, queue: 256, breaker: { after: 5, forMs: 2000 } };
const always = Condition.from(undefined);
const accepted = ({ user }) => ({ kind: 'accepted', account: { user, attributes: {} } });

const storeOf = (verify) => ({ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify });
const seatOf = (name, verify, limits) => ({
  ...{ name, instance: storeOf(verify), on: {}, when: always },
  ...(limits && { guard: new StoreGuard({ name, limits, clock, log: silent, scrub: (text) => text }) }),
});

const pipelineOf = (stores, deadlineMs) => {
  const backends = {
    standing: () => 'up',
    resolve: async () => ({ kind: 'known', backend: 'a', host: 'a', address: '192.0.2.1', port: 143 }),
  };
  const router = { locate: async () => ({ kind: 'placed', backends: [{ kind: 'named', name: 'a' }] }) };
  return new Pipeline({
    ...{ stores, deadlineMs, clock, log: silent, identity: new Identity({}), policies: [], requireTls: false, none: undefined },
    routers: [{ name: 'r', instance: router, when: always }],
    placer: new Placer({ backends, log: silent }),
  });
};

/** Asks at a steady pace, whether answers come or not. */
const load = async (pipeline, perSecond, ms) => {
  const begin = performance.now();
  const asked = [];
  for (let sent = 0; performance.now() - begin < ms;) {
    while (sent < ((performance.now() - begin) / 1000) * perSecond) {
      const rawUser = `user${sent++ % 5000}@example.org`;
      const proof = { mechanism: 'plain', password: 'pw', bytes: Buffer.from('pw') };
      asked.push(pipeline.answer({ rawUser, proof, protocol: 'imap', client: { ip: '192.0.2.7' }, tls: {}, ordinal: 1 }));
    }
    await sleep(2);
  }
  return Promise.all(asked);
};

const p99 = (outcomes) => {
  const sorted = outcomes.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)];
};
const good = (outcomes) => outcomes.filter(({ verdict }) => verdict.kind === 'accepted');

/** A takes 2 ms to say that it does not know the user, B 5 ms to accept. Answers for each round. */
const fallen = async (limits, rounds) => {
  let hole = false;
  const first = seatOf('A', () => (hole ? new Promise(() => undefined) : sleep(2, { kind: 'unknown-user' })), limits);
  const pipeline = pipelineOf([first, seatOf('B', (attempt) => sleep(5, accepted(attempt)), limits)], 5000);
  const told = [];
  for (let round = 0; round < rounds; round++) {
    hole = false;
    await load(pipeline, 300, 3000);
    const before = await load(pipeline, 300, seconds * 1000);
    hole = true;
    // The first are held up until the breaker opens; that is not the steady state.
    const onset = await load(pipeline, 300, 3000);
    const during = await load(pipeline, 300, seconds * 1000);
    told.push({ before: p99(before), onset: p99(onset), during: p99(during), lost: during.length - good(during).length });
  }
  return told;
};

/** A pool of four that takes 20 ms a question, works through all it was given, in order, and never gives one up. */
const saturated = async (limits) => {
  const rates = [];
  for (const times of [0.5, 0.9, 1, 2, 4, 8]) {
    const free = [0, 0, 0, 0];
    const work = (attempt) => {
      const at = free.indexOf(Math.min(...free));
      free[at] = Math.max(free[at], performance.now()) + 20;
      return sleep(free[at] - performance.now(), accepted(attempt));
    };
    const pipeline = pipelineOf([seatOf('pool', work, limits)], 1000);
    const began = performance.now();
    const outcomes = await load(pipeline, 200 * times, seconds * 1000);
    // The last answers come after the last question.
    const took = (performance.now() - began) / 1000;
    rates.push({
      times,
      perSecond: Math.round(good(outcomes).length / took),
      p99: Math.round(p99(good(outcomes))),
      longest: Math.round(Math.max(...outcomes.map(({ tookMs }) => tookMs))),
    });
  }
  const peak = Math.max(...rates.filter(({ times }) => times <= 1).map(({ perSecond }) => perSecond));
  const atTwice = rates.find(({ times }) => times === 2).perSecond / peak;
  return { rates, atTwice };
};

const result = {
  fallen: { guarded: await fallen(usual, rounds), unguarded: await fallen(undefined, 1) },
  saturated: { guarded: await saturated(usual), unguarded: await saturated(undefined) },
};
const slowed = median(result.fallen.guarded.map(({ before, during }) => during / before));
const bars = { slowed, goodput: result.saturated.guarded.atTwice };
process.send({ ...result, bars, met: bars.slowed <= 1.2 && bars.goodput >= 0.85 }, () => process.exit());
