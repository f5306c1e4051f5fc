// What an unknown user costs beside a wrong password, and what a cheap login waits while heavy ones are computed. Runs in a
// process of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { staticPlugin } from '@postern/credential-static';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { spread } from './statistics.mjs';

const signal = new AbortController().signal;

/** One hash of each usual kind; nobody knows the passwords. */
const hashes = {
  PLAIN: '{PLAIN}a password',
  SSHA512: `{SSHA512}${Buffer.alloc(80, 7).toString('base64')}`,
  'SHA512-CRYPT': `$6$saltsalt12345678$${'a'.repeat(86)}`,
  'MD5-CRYPT': `$1$saltsalt$${'a'.repeat(22)}`,
  'DES-CRYPT': '{DES-CRYPT}abaaaaaaaaaaa',
  'BLF-CRYPT, cost 10': `$2y$10$abcdefghijklmnopqrstuu${'a'.repeat(31)}`,
  'ARGON2ID, 19 MiB': `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  'PBKDF2-SHA256, 600000': `pbkdf2_sha256$600000$salt$${'a'.repeat(43)}=`,
  'SCRAM-SHA-256': `{SCRAM-SHA-256}4096,c2FsdA==,${'a'.repeat(43)}=,${'a'.repeat(43)}=`,
  'scrypt, 16 MiB': `scrypt$16384$salt$8$1$${'a'.repeat(43)}=`,
};

const allowWeak = ['PLAIN', 'MD5-CRYPT', 'DES-CRYPT'];

const storeOf = (users) => staticPlugin.create(parseConfig(staticPlugin, { users, allowWeak }), fakeServices());

/** Milliseconds by the clock and of CPU, all threads together, for so many answers. */
const timed = async (ask, times) => {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  for (let count = 0; count < times; count += 1) await ask();
  const { user, system } = process.cpuUsage(cpu);
  return { clock: (performance.now() - begin) / times, cpu: (user + system) / 1000 / times };
};

/** Answers that make a sample long enough for the clock, and the CPU's, after V8 has seen them often enough. */
const timesFor = async (...asks) => {
  const begin = performance.now();
  while (performance.now() - begin < 300) for (const ask of asks) await timed(ask, 5);
  return Math.max(1, Math.ceil(10 / (await timed(asks[0], 20)).clock));
};

/** Milliseconds that no network shows: cheap checks take less than that altogether. */
const unseen = 0.01;

const costOf = async ([name, stored]) => {
  const store = storeOf(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`user-${index}@example.org`, stored])));
  const asking = (user) => {
    const asked = attempt({ user, password: 'not the password' });
    return () => store.verify(asked, signal);
  };
  const asks = { wrong: asking('user-50@example.org'), unknown: asking('nobody@example.org') };
  const kinds = [(await asks.wrong()).kind, (await asks.unknown()).kind];
  if (kinds.join() !== 'rejected,unknown-user') throw new Error(`${name}: ${kinds.join()}`);
  const times = await timesFor(asks.wrong, asks.unknown);
  const samples = { wrong: [], unknown: [] };
  for (let round = 0; round < 41; round += 1) {
    // Every other round backwards: nobody always comes second.
    const turns = round % 2 === 0 ? ['wrong', 'unknown'] : ['unknown', 'wrong'];
    for (const which of turns) samples[which].push(await timed(asks[which], times));
  }
  const of = (which, by) => spread(samples[which].map((sample) => sample[by]));
  const ratio = (by) => of('unknown', by).median / of('wrong', by).median;
  const [wrong, unknown] = [of('wrong', 'clock'), of('unknown', 'clock')];
  // A true difference shows by the clock and by CPU; other programs on the machine disturb one of them.
  const off = Math.min(...['clock', 'cpu'].map((by) => Math.abs(ratio(by) - 1)));
  const met = off <= 0.1 || Math.abs(unknown.median - wrong.median) <= unseen;
  return { name, wrong, unknown, ratio: ratio('clock'), byCpu: ratio('cpu'), met };
};

/** Milliseconds that 99 of 100 cheap logins must be answered in. */
const limit = 20;
const cheapLogins = 1000;
const everyMs = 5;

/** A login whose answer is at hand, as from a cache, asked every few milliseconds; what it waits counts from when it was due. */
const cheapWhile = async (name, stored, logins) => {
  const store = storeOf({ 'heavy@example.org': stored ?? '!', 'cheap@example.org': '{PLAIN}sesame' });
  let over = false;
  const keepAsking = async () => {
    while (!over) await store.verify(attempt({ user: 'heavy@example.org', password: 'wrong' }), new AbortController().signal);
  };
  const heavy = Array.from({ length: logins }, keepAsking);
  const cheap = attempt({ user: 'cheap@example.org', password: 'sesame' });
  const waited = [];
  let due = performance.now() + 200;
  for (let count = 0; count < cheapLogins; count += 1) {
    await sleep(Math.max(0, due - performance.now()));
    // Timers of Node are as exact as a millisecond: one that fires early waited for nothing.
    const { kind } = await store.verify(cheap, signal);
    if (kind !== 'accepted') throw new Error(`the cheap login was ${kind}`);
    waited.push(Math.max(0, performance.now() - due));
    due += everyMs;
  }
  over = true;
  await Promise.all(heavy);
  waited.sort((one, other) => one - other);
  const [median, p99, worst] = [0.5, 0.99, 1].map((share) => waited[Math.ceil(share * waited.length) - 1]);
  return { name, count: waited.length, median, p99, worst, limit, met: p99 < limit };
};

const costs = [];
for (const entry of Object.entries(hashes)) costs.push(await costOf(entry));
// The machine's own share first: what nobody of ours is to blame for.
const loop = [await cheapWhile('nothing else', undefined, 0)];
for (const name of ['ARGON2ID, 19 MiB', 'BLF-CRYPT, cost 10', 'SHA512-CRYPT'])
  loop.push(await cheapWhile(`50 × ${name}`, hashes[name], 50));

process.send({ costs, loop, met: [...costs, ...loop].every(({ met }) => met) });
process.disconnect();
