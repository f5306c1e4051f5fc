// What a second worker process adds, the load generator on the same machine. Nothing is pinned.
import { probe, startGenerator } from './generator.mjs';
import { childrenOf, cpuSeconds, idleSeconds } from './machine.mjs';
import { gateway } from './servers.mjs';
import { spread } from './statistics.mjs';

const warmUp = 20_000;
const least = 1.5;

const cpuOf = (pid) => [pid, ...childrenOf(pid)].reduce((sum, one) => sum + (cpuSeconds(one) ?? 0), 0);

const measure = async (generator, { pid, port }, limits) => {
  const [server, load, idle] = [cpuOf(pid), cpuSeconds(generator.pid), idleSeconds()];
  const { answered, unanswered, seconds } = await generator.run(port, limits);
  if (unanswered > 0) throw new Error(`${unanswered} questions were not answered`);
  return {
    rate: answered / seconds,
    busy: (cpuOf(pid) - server) / seconds,
    loadBusy: (cpuSeconds(generator.pid) - load) / seconds,
    idle: (idleSeconds() - idle) / seconds,
    micros: ((cpuOf(pid) - server) / answered) * 1e6,
  };
};

/** `options`: `{ node, folder, rounds, seconds, say }`. */
export const workers = async ({ rounds, seconds, say, ...options }) => {
  const generator = await startGenerator();
  const running = [];
  try {
    for (const count of [1, 2]) {
      const server = await gateway('nginx', { workers: count })(options);
      running.push({ count, server, samples: [] });
      const { length } = await probe(server, { name: `the gateway with ${count} workers`, expect: 'Auth-Status: OK' });
      say(`warming up: ${count}`);
      await measure(generator, server, { requests: warmUp, length });
    }
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`);
      for (const { server, samples } of round % 2 === 1 ? running : [...running].reverse()) {
        samples.push(await measure(generator, server, { ms: seconds * 1000 }));
      }
    }
  } finally {
    generator.stop();
    for (const { server } of running) await server.stop();
  }
  const rows = running.map(({ count, samples }) => ({
    count,
    ...Object.fromEntries(
      ['rate', 'busy', 'loadBusy', 'idle', 'micros'].map((name) => [name, spread(samples.map((sample) => sample[name]))]),
    ),
  }));
  const [one, two] = running;
  const ratio = spread(two.samples.map(({ rate }, round) => rate / one.samples[round].rate));
  return { rows, ratio, least, met: ratio.median >= least };
};
