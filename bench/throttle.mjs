// What the throttle costs, and its memory under a spray of users and addresses that nobody has seen before. A process of its own.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryState, SystemClock } from '@postern/kernel';
import { throttlePlugin } from '@postern/policy-throttle';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';

/** Each with a user and an address of its own: ten million keys. */
const sprayed = Number(process.argv[2] ?? 5_000_000);
const samples = 10;
/** Of the heap, over the second half: the first one fills the room that there is. */
const limit = 20e6;
const signal = new AbortController().signal;

const started = async (shared) => {
  // Counting and logging cost nothing here: the fakes keep what they are told.
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const metric = { inc: () => {}, set: () => {}, observe: () => {} };
  const metrics = { counter: () => metric, gauge: () => metric, histogram: () => metric };
  const policy = throttlePlugin.create(parseConfig(throttlePlugin, {}), {
    ...fakeServices(),
    log: quiet,
    metrics,
    clock: new SystemClock(),
    shared,
  });
  await policy.start(signal);
  return policy;
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const memory = () => {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: rss, heap: heapUsed };
};

const address = (number) => `2001:db8:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}::1`;
const template = attempt({ password: 'wrong' });

const spray = async () => {
  const shared = new MemoryState({ clock: new SystemClock() });
  const policy = await started(shared);
  const ask = policy.around(() => Promise.resolve({ kind: 'unknown-user' }));
  const found = [];
  let largest = 0;
  const begin = performance.now();
  for (let number = 1; number <= sprayed; number += 1) {
    const { kind } = await ask({ ...template, user: `user-${number}@example.org`, client: { ip: address(number) } }, signal);
    if (kind !== 'unknown-user') throw new Error(`try ${number} became ${kind}`);
    if (number % 1000 === 0) largest = Math.max(largest, shared.size);
    if (number % (sprayed / samples) === 0) {
      found.push({ tries: number, ...memory() });
      process.stderr.write(`${number} tries, ${shared.size} entries, ${Math.round(found.at(-1).resident / 1e6)} MB\n`);
    }
  }
  const microseconds = ((performance.now() - begin) * 1000) / sprayed;
  await policy.stop(signal);
  const half = found[samples / 2 - 1].heap;
  const growth = found.at(-1).heap - half;
  return { samples: found, entries: largest, microseconds, growth, limit, met: growth <= limit };
};

/** Microseconds per login that is let in. */
const perLogin = async () => {
  const policy = await started(new MemoryState({ clock: new SystemClock() }));
  const ask = policy.around((login) => Promise.resolve({ kind: 'accepted', account: { user: login.user, attributes: {} } }));
  const logins = Array.from({ length: 10_000 }, (_, index) => ({ ...template, user: `user-${index}@example.org` }));
  const runs = [];
  for (let run = 0; run < 8; run += 1) {
    const begin = process.cpuUsage();
    for (const login of logins) await ask(login, signal);
    const { user, system } = process.cpuUsage(begin);
    runs.push((user + system) / logins.length);
  }
  await policy.stop(signal);
  return Math.min(...runs.slice(1));
};

const login = await perLogin();
const result = await spray();
process.send?.({ ...result, login });
process.disconnect?.();
