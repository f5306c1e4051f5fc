// Logins per second through stores, beside bare clients and Dovecot on the same servers, in interleaved rounds.
import { ServerRoom } from '@postern/testkit';
import { affinity } from './machine.mjs';
import { spread } from './statistics.mjs';
import { startDatabase, startDirectory } from './stores/people.mjs';
import { ldapSides, sqlSides } from './stores/sides.mjs';

/** Logins before the first round: V8 optimises what it has seen often. */
const warmUp = 10_000;

/** `over`: what is compared with `under`, and what the ratio must at least be; without that, for comparison. */
const bars = [
  { over: 'the gateway with ldap', under: 'bare ldapjs', least: 0.75 },
  { over: 'the gateway with ldap', under: "Dovecot's auth, ldap", least: 1.3 },
  { over: 'the gateway with sql', under: 'bare pg', least: 0.6 },
  { over: 'the gateway with sql', under: "Dovecot's auth, sql", least: 1 },
  { over: 'bare node:net and bare pg', under: 'bare pg' },
  { over: 'the gateway with sql', under: 'bare node:net and bare pg' },
];

const kinds = [
  { kind: 'ldap', sides: async (room) => ldapSides(await startDirectory(room)) },
  { kind: 'sql', sides: async (room) => sqlSides(await startDatabase(room)) },
];

const measure = async ({ name, server }, limits) => {
  const before = server.cpu();
  const { answered, wrong, trouble, seconds } = await server.run(limits);
  const used = (server.cpu() ?? NaN) - (before ?? NaN);
  if (wrong > 0) throw new Error(`${name}: ${wrong} of ${wrong + answered} logins were not answered as they should: ${trouble}`);
  return { rate: answered / seconds, capacity: answered / used, busy: used / seconds };
};

const rounds = async (running, kind, { rounds: count, seconds, say }) => {
  for (const one of running) {
    say(`warming up: ${one.name}`);
    await measure(one, { requests: warmUp });
  }
  for (let round = 1; round <= count; round += 1) {
    say(`${kind}, round ${round} of ${count}`);
    // Every other round backwards: nobody always comes after the same neighbour.
    for (const one of round % 2 === 1 ? running : [...running].reverse()) one.samples.push(await measure(one, { ms: seconds * 1000 }));
  }
};

const measureKind = async ({ kind, sides }, { pinLoad, pinServer }, options) => {
  const room = await ServerRoom.open();
  const running = [];
  try {
    // Whatever is started from here, the servers that are asked included, shares a CPU with the load.
    pinLoad(process.pid);
    for (const side of await sides(room)) {
      running.push({ ...side, server: await side.start({ ...options, room, pin: pinServer }), samples: [] });
    }
    await rounds(running, kind, options);
    return summary(kind, running);
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
    await room.close();
  }
};

const ratios = (running, over, under) => {
  const [one, other] = [over, under].map((wanted) => running.find(({ name }) => name === wanted));
  if (one === undefined || other === undefined) return undefined;
  return spread(one.samples.map(({ rate }, round) => rate / other.samples[round].rate));
};

const summary = (kind, running) => ({
  kind,
  rows: running.map(({ name, samples }) => ({
    name,
    ...Object.fromEntries(['rate', 'capacity', 'busy'].map((of) => [of, spread(samples.map((sample) => sample[of]))])),
    toBare: ratios(running, name, running[0].name),
    toDovecot: ratios(running, name, `Dovecot's auth, ${kind}`),
  })),
  bars: bars
    .filter(({ over }) => running.some(({ name }) => name === over))
    .map((bar) => ({ ...bar, ratio: ratios(running, bar.over, bar.under) }))
    .map((bar) => ({ ...bar, met: bar.ratio === undefined || bar.least === undefined ? undefined : bar.ratio.median >= bar.least })),
});

/** `options`: `{ node, folder, rounds, seconds, only, say }`. */
export const stores = async ({ only, ...options }) => {
  const cpus = affinity();
  const results = [];
  for (const kind of kinds) if (only?.includes(kind.kind) !== false) results.push(await measureKind(kind, cpus, options));
  return { results, cpus: cpus.text, met: results.every(({ bars: judged }) => judged.every(({ met }) => met !== false)) };
};
