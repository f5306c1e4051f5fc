// What the cache holds in memory and what an answer from it costs. Runs in a process of its own, with `--expose-gc`.
import { cachePlugin } from '@postern/policy-cache';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { residentBytes } from './machine.mjs';
import { spread } from './statistics.mjs';

const { signal } = new AbortController();

/** The fakes' own metrics make a text of every count. */
const silent = { counter: () => ({ inc: () => undefined }), gauge: () => ({ set: () => undefined }) };
const services = () => ({ ...fakeServices(), metrics: silent });
const entries = 1_000_000;
const noes = 250_000;
const hitsPerRound = 20_000;
const rounds = 9;

/** Accounts as a directory makes them: texts of their own, nothing shared. */
const accountOf = (user) => ({
  user: Buffer.from(user).toString(),
  attributes: JSON.parse(`{"host":"mail-${user.length % 50}","quota":"${user.length}000000"}`),
});

const open = async (with_, says) => {
  const policy = cachePlugin.create(parseConfig(cachePlugin, with_), services());
  await policy.start(signal);
  return { policy, ask: policy.around(async (login) => says(login)) };
};

const userOf = (index) => `user-${String(index).padStart(7, '0')}@example.org`;

const settled = () => {
  globalThis.gc();
  globalThis.gc();
  return { heap: process.memoryUsage().heapUsed, resident: residentBytes(process.pid) ?? process.memoryUsage().rss };
};

/** Bytes that `count` answers take, and the greatest that the process was. */
const fill = async (with_, count, says, loginOf) => {
  const before = settled();
  const cache = await open(with_, says);
  for (let index = 0; index < count; index += 1) await cache.ask(loginOf(index), signal);
  const after = settled();
  return { cache, heap: after.heap - before.heap, resident: after.resident };
};

/** Microseconds of an answer from memory, by round. */
const hits = async ({ ask }, loginOf, kind) => {
  const logins = Array.from({ length: 1000 }, (_, index) => loginOf(index * 37));
  for (const login of logins) if ((await ask(login, signal)).kind !== kind) throw new Error('not in memory');
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    for (let count = 0; count < hitsPerRound; count += 1) await ask(logins[count % logins.length], signal);
    samples.push(((performance.now() - begin) * 1000) / hitsPerRound);
  }
  return spread(samples.slice(1));
};

const right = (index) => attempt({ user: userOf(index), password: `password of ${index}` });
const wrong = (index) => attempt({ user: userOf(index), password: `wrong ${index}` });
const accepting = ({ user }) => ({ kind: 'accepted', account: accountOf(user) });

// A quarter of the entries is for the noes, so that a third more leaves room for a million successes.
const yes = await fill({ maxEntries: Math.ceil(entries / 0.75) }, entries, accepting, right);
const hit = await hits(yes.cache, right, 'accepted');
const result = { entries, noes, heap: yes.heap, resident: yes.resident, hit };
await yes.cache.policy.stop(signal);
const no = await fill({ maxEntries: noes * 4 }, noes, () => ({ kind: 'rejected' }), wrong);
result.negative = await hits(no.cache, wrong, 'rejected');
process.send({ ...result, noHeap: no.heap });
process.disconnect();
