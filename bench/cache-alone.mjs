// Logins of an argon2id user per second, with the cache around the store and without. Runs in a process of its own.
import { staticPlugin } from '@postern/credential-static';
import { hashPassword } from '@postern/passwords';
import { cachePlugin } from '@postern/policy-cache';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { spread } from './statistics.mjs';

const { signal } = new AbortController();

/** The fakes' own metrics make a text of every count. */
const silent = { counter: () => ({ inc: () => undefined }), gauge: () => ({ set: () => undefined }) };
const services = () => ({ ...fakeServices(), metrics: silent });
const user = 'ann@example.org';

const hash = await hashPassword(Buffer.from('pw'), 'ARGON2ID', signal);
const store = staticPlugin.create(parseConfig(staticPlugin, { users: { [user]: hash } }), fakeServices());
await store.start?.(signal);
const policy = cachePlugin.create(parseConfig(cachePlugin, { ttl: '1h' }), services());
await policy.start(signal);
const verify = (login, given) => store.verify(login, given);
const cached = policy.around(verify);

/** Logins per second, `atOnce` at a time. */
const rate = async (ask, ms, atOnce) => {
  const begin = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() - begin < ms) {
      const { kind } = await ask(attempt({ user, password: 'pw' }), signal);
      if (kind !== 'accepted') throw new Error(kind);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (count * 1000) / (performance.now() - begin);
};

const samples = { asked: [], kept: [] };
await rate(cached, 300, 1);
for (let round = 0; round < 5; round += 1) {
  samples.asked.push(await rate(verify, 1500, 4));
  samples.kept.push(await rate(cached, 500, 1));
}
await policy.stop(signal);
const ratios = samples.kept.map((kept, index) => kept / samples.asked[index]);
process.send({ asked: spread(samples.asked), kept: spread(samples.kept), ratio: spread(ratios).median });
process.disconnect();
