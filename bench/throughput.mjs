// Requests per second, one new HTTP/1.0 connection per request, all servers side by side in interleaved rounds.
import { probe, startGenerator } from './generator.mjs';
import { affinity, cpuSeconds } from './machine.mjs';
import { contestants } from './servers.mjs';
import { spread } from './statistics.mjs';

/** Below this share of its CPU a server was not the limit, and requests per second say little about it. */
const busyEnough = 0.85;

/** Requests before the first round: V8 optimises what it has seen often. */
const warmUp = 20_000;

/** `over`: what is compared with `under`, and what the ratio must at least be. */
export const bars = [
  { over: 'nginx door', under: 'bare node:net', least: 0.9 },
  { over: 'nginx door', under: 'bare node:http', least: 1.35 },
  { over: 'Express door', under: 'bare node:http', least: 0.7 },
];

const measure = async (generator, server, ms) => {
  const cpu = server.cpu ?? (() => cpuSeconds(server.pid));
  const before = cpu();
  const { answered, unanswered, seconds } = await generator.run(server.port, { ms });
  const after = cpu();
  const used = before === undefined || after === undefined ? undefined : after - before;
  return {
    rate: answered / seconds,
    unanswered,
    // Requests that one second of the server's CPU answers: what a loaded machine does not change.
    capacity: used ? answered / used : undefined,
    busy: used === undefined ? undefined : used / seconds,
  };
};

const startAll = async (names, options, pin) => {
  const running = [];
  for (const contestant of contestants) {
    if (names !== undefined && !names.includes(contestant.name)) continue;
    if (contestant.needs?.() === false) continue;
    const server = await contestant.start(options);
    running.push({ ...contestant, server, samples: [] });
    for (const pid of server.pids?.() ?? [server.pid]) pin(pid);
    await probe(server, contestant);
  }
  return running;
};

/** `options`: `{ node, folder, rounds, seconds, only, say }`. */
export const throughput = async ({ rounds, seconds, only, say, ...options }) => {
  const cpus = affinity();
  const generator = await startGenerator();
  cpus.pinLoad(generator.pid);
  const running = await startAll(only, options, cpus.pinServer);
  try {
    for (const { name, server } of running) {
      say(`warming up: ${name}`);
      await generator.run(server.port, { requests: warmUp });
    }
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`);
      // Every other round backwards: nobody always comes after the same neighbour.
      const order = round % 2 === 1 ? running : [...running].reverse();
      for (const one of order) one.samples.push(await measure(generator, one.server, seconds * 1000));
    }
  } finally {
    generator.stop();
    await Promise.all(running.map(({ server }) => server.stop()));
  }
  return summary(running, cpus.text);
};

const ratios = (running, over, under, of) => {
  const [one, other] = [over, under].map((wanted) => running.find(({ name }) => name === wanted));
  if (one === undefined || other === undefined) return undefined;
  return spread(one.samples.map((sample, round) => sample[of] / other.samples[round][of]));
};

const summary = (running, cpus) => {
  const known = running.every(({ samples }) => samples.every(({ capacity }) => capacity !== undefined));
  const rows = running.map(({ name, samples }) => ({
    name,
    rate: spread(samples.map(({ rate }) => rate)),
    capacity: known ? spread(samples.map(({ capacity }) => capacity)) : undefined,
    busy: known ? spread(samples.map(({ busy }) => busy)).median : undefined,
    unanswered: samples.reduce((sum, { unanswered }) => sum + unanswered, 0),
    toHttp: {
      rate: ratios(running, name, 'bare node:http', 'rate'),
      capacity: known ? ratios(running, name, 'bare node:http', 'capacity') : undefined,
    },
  }));
  const compared = bars.flatMap(({ over, under, least }) => {
    const judged = rows.filter(({ name }) => name === over || name === under);
    if (judged.length < 2) return [];
    const by = known && judged.some(({ busy }) => busy < busyEnough) ? 'capacity' : 'rate';
    const rate = ratios(running, over, under, 'rate');
    const capacity = known ? ratios(running, over, under, 'capacity') : undefined;
    const { median } = by === 'rate' ? rate : capacity;
    return [{ over, under, least, by, rate, capacity, met: median >= least }];
  });
  return { rows, bars: compared, cpus };
};
