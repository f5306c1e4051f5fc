// What the cache saves: logins of an argon2id user with and without it, by themselves and through the nginx door; and its memory.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { hashPassword } from '@postern/passwords';
import { probe, startGenerator } from './generator.mjs';
import { affinity } from './machine.mjs';
import { bare, gateway, users } from './servers.mjs';
import { spread } from './statistics.mjs';

const limits = { bytes: 400e6, ratio: 500, p99: 5 };
const pace = 1000;
const pacedSeconds = 10;
const here = import.meta.dirname;

const apart = async (script, node, argument) => {
  const child = fork(join(here, script), argument, { execPath: node, execArgv: ['--expose-gc'] });
  const [result] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`))),
  ]);
  return result;
};

const quantile = (numbers, share) =>
  [...numbers].sort((one, other) => one - other)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

/** The nginx door with users whose hashes are argon2id. */
const door = async (policies) => {
  const hash = await hashPassword(Buffer.from('pw'), 'ARGON2ID', new AbortController().signal);
  const store = { use: 'static', with: { users: Object.fromEntries(users.map((user) => [user, hash])) } };
  return gateway('nginx', { store, policies });
};

const measured = async (start, options, work) => {
  const server = await start(options);
  const generator = await startGenerator();
  try {
    const { text, pinServer, pinLoad } = affinity();
    // The answers to all users are equally long: any other is none of a login that was let in.
    const { length } = await probe(server, { name: 'the server', expect: 'Auth-Status: OK' });
    pinServer(server.pid);
    pinLoad(generator.pid);
    const run = (limits, concurrency) => generator.run(server.port, { ...limits, length }, concurrency);
    return { cpus: text, ...(await work(run)) };
  } finally {
    generator.stop();
    await server.stop();
  }
};

/** Milliseconds from the moment at which a login was due to its answer, at `pace` logins a second. */
const pacedWaits = async (run) => {
  await run({ pace, requests: pace });
  const { waits } = await run({ pace, requests: pace * pacedSeconds });
  return { median: quantile(waits, 0.5), p99: quantile(waits, 0.99), worst: Math.max(...waits) };
};

const rateOf = ({ answered, unanswered, seconds }) => {
  if (unanswered > 0) throw new Error(`${unanswered} questions were not answered`);
  return answered / seconds;
};

/** `options`: `{ node, folder, rounds, seconds, say }`. */
export const cache = async ({ rounds, seconds, say, ...options }) => {
  const memory = await apart('cache-memory.mjs', options.node, []);
  say('memory is measured');
  const alone = await apart('cache-alone.mjs', options.node, []);
  say('answers by themselves are measured');
  const asked = await measured(await door([]), options, async (run) => ({
    rate: rateOf(await run({ ms: Math.max(4, seconds) * 1000 }, 8)),
  }));
  const kept = await measured(await door([{ use: 'cache', with: { ttl: '1h' } }]), options, async (run) => {
    // Every user once, so that all are in memory.
    await run({ requests: users.length }, 8);
    const rates = [];
    for (let round = 0; round < rounds; round += 1) rates.push(rateOf(await run({ ms: seconds * 1000 })));
    return { rate: spread(rates), ...(await pacedWaits(run)) };
  });
  const least = await measured(bare('bare-net.mjs'), options, pacedWaits);
  const bars = [
    {
      what: 'heap that 1,000,000 successes hold',
      value: memory.heap / 1e6,
      limit: `< ${limits.bytes / 1e6} MB`,
      unit: 'MB',
      met: memory.heap < limits.bytes,
    },
    {
      what: 'argon2id user, cached ÷ asked, store and cache by themselves',
      value: alone.ratio,
      limit: `≥ ${limits.ratio}`,
      unit: '×',
      met: alone.ratio >= limits.ratio,
    },
    {
      what: 'argon2id user, cached ÷ asked, through the nginx door',
      value: kept.rate.median / asked.rate,
      limit: `≥ ${limits.ratio}`,
      unit: '×',
      met: kept.rate.median / asked.rate >= limits.ratio,
    },
    {
      what: `p99 at ${pace} logins/s through the nginx door`,
      value: kept.p99,
      limit: `< ${limits.p99} ms`,
      unit: 'ms',
      met: kept.p99 < limits.p99,
    },
  ];
  return { memory, alone, asked, kept, least, bars, met: bars.every(({ met }) => met) };
};
