// What an unknown user waits beside a wrong password, store by store, one login at a time. Runs in a process of its own.
import { setMaxListeners } from 'node:events';
import { ldapPlugin } from '@postern/credential-ldap';
import { sqlPlugin } from '@postern/credential-sql';
import { staticPlugin } from '@postern/credential-static';
import { attempt, fakeServices, LiveClock, parseConfig, ServerRoom } from '@postern/testkit';
import { users } from './servers.mjs';
import { spread } from './statistics.mjs';
import { decoy, hashOf, startDatabase, startDirectory } from './stores/people.mjs';

const pairs = 2000;
const warmUp = 300;
const { signal } = new AbortController();
setMaxListeners(0, signal);

const storeOf = async (plugin, settings) => {
  const store = plugin.create(parseConfig(plugin, settings), fakeServices({ clock: new LiveClock() }));
  await store.start?.(signal);
  return store;
};

/** Milliseconds. */
const timeOf = async (store, user, kind) => {
  const asked = attempt({ user, password: 'not the password' });
  const begin = performance.now();
  const verdict = await store.verify(asked, signal);
  const took = performance.now() - begin;
  if (verdict.kind !== kind) throw new Error(`${user} is ${verdict.kind}: ${verdict.cause?.message ?? ''}`);
  return took;
};

const kinds = { wrong: 'rejected', unknown: 'unknown-user' };

/** Names of one length, so that nothing but being there tells them apart. */
const nameOf = { wrong: (turn) => users[turn % users.length], unknown: (turn) => users[turn % users.length].replace('user', 'none') };

/** Milliseconds that no network shows: cheap checks take less than that altogether. */
const unseen = 0.01;

/** `judged`: whether the bar is for this one. */
const compare = async ({ name, judged = true }, store) => {
  const samples = { wrong: [], unknown: [] };
  for (let turn = 0; turn < warmUp + pairs; turn += 1) {
    // Every other turn backwards: nobody always comes second.
    for (const which of turn % 2 === 0 ? ['wrong', 'unknown'] : ['unknown', 'wrong']) {
      const took = await timeOf(store, nameOf[which](turn), kinds[which]);
      if (turn >= warmUp) samples[which].push(took);
    }
  }
  const [wrong, unknown] = [spread(samples.wrong).median, spread(samples.unknown).median];
  const ratio = unknown / wrong;
  const met = Math.abs(ratio - 1) <= 0.1 || Math.abs(unknown - wrong) <= unseen;
  return { name, wrong, unknown, ratio, met: judged ? met : undefined };
};

const withStore = async (results, what, plugin, settings) => {
  const store = await storeOf(plugin, settings);
  results.push(await compare(what, store));
  await store.stop?.(signal);
};

const room = await ServerRoom.open();
const results = [];
try {
  const { url, base, service } = await startDirectory(room);
  const directory = { url, base, filter: '(mail={user})', bind: service };
  const database = await startDatabase(room);
  const hashes = Object.fromEntries(users.map((user) => [user, hashOf('SSHA512')]));
  await withStore(results, { name: 'static, SSHA512' }, staticPlugin, { users: hashes });
  await withStore(results, { name: 'ldap, search and bind' }, ldapPlugin, directory);
  await withStore(results, { name: 'ldap, `decoy` an entry of its own' }, ldapPlugin, { ...directory, decoy });
  await withStore(results, { name: 'ldap, `decoy: false`', judged: false }, ldapPlugin, { ...directory, decoy: false });
  await withStore(results, { name: 'sql, SSHA512' }, sqlPlugin, {
    url: database.url,
    query: 'select password from users where email = {user}',
  });
} finally {
  await room.close();
}

process.send({ pairs, results, met: results.every(({ met }) => met !== false) });
process.disconnect();
