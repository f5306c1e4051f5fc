// What unknown and disabled users wait beside a wrong password, store by store, one login at a time. Runs in a process of its own.
import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { ldapPlugin } from '@postern/credential-ldap';
import { sqlPlugin } from '@postern/credential-sql';
import { staticPlugin } from '@postern/credential-static';
import { cachePlugin } from '@postern/policy-cache';
import { attempt, fakeServices, LiveClock, parseConfig, ServerRoom } from '@postern/testkit';
import { users } from './servers.mjs';
import { spread, welch } from './statistics.mjs';
import { decoy, disabled, hashOf, startDatabase, startDirectory, tableOfPeople } from './stores/people.mjs';

const samplesEach = 2000;
const warmUp = 300;
const { signal } = new AbortController();
setMaxListeners(0, signal);

const Sqlite = createRequire(new URL('../packages/sql/package.json', import.meta.url))('libsql');

/** Asks the store, with or without the cache in front of it. `close` ends both. */
const opened = async (plugin, settings, cached) => {
  const services = fakeServices({ clock: new LiveClock() });
  const store = plugin.create(parseConfig(plugin, settings), services);
  await store.start?.(signal);
  const verify = (asked, given) => store.verify(asked, given);
  if (!cached) return { ask: verify, close: () => store.stop?.(signal) };
  const cache = cachePlugin.create(parseConfig(cachePlugin, {}), services);
  await cache.start?.(signal);
  const close = async () => {
    await cache.stop?.(signal);
    await store.stop?.(signal);
  };
  return { ask: cache.around(verify), close };
};

/** What they may be told; the words for the client are the same for all of them. */
const kinds = { wrong: ['rejected'], unknown: ['unknown-user'], disabled: ['rejected', 'refused'] };

/** Milliseconds. No password comes twice: a no that is repeated comes from the cache, whoever it is about. */
const timeOf = async (ask, user, which, turn) => {
  const asked = attempt({ user, password: `not the password ${String(turn).padStart(6, '0')}` });
  const begin = performance.now();
  const verdict = await ask(asked, signal);
  const took = performance.now() - begin;
  const told = verdict.kind !== 'refused' || !verdict.proofHeld;
  if (!kinds[which].includes(verdict.kind) || !told) throw new Error(`${user} is ${verdict.kind}: ${verdict.cause?.message ?? ''}`);
  return took;
};

/** Names of one length, so that nothing but being there tells them apart. */
const nameOf = {
  wrong: (turn) => users[turn % users.length],
  unknown: (turn) => users[turn % users.length].replace('user', 'none'),
  disabled: (turn) => disabled[turn % disabled.length],
};

const names = Object.keys(nameOf);
/** Milliseconds that no network shows: cheap checks take less than that altogether. */
const unseen = 0.01;

const against = (wrong, samples) => {
  const [base, median] = [spread(wrong).median, spread(samples).median];
  const ratio = median / base;
  return { median, ratio, t: welch(samples, wrong), met: Math.abs(ratio - 1) <= 0.1 || Math.abs(median - base) <= unseen };
};

/** `judged`: whether the bar is for this one. */
const compare = async ({ name, judged = true, cached }, ask) => {
  const samples = { wrong: [], unknown: [], disabled: [] };
  for (let turn = 0; turn < warmUp + samplesEach; turn += 1) {
    // Another one is first each time: nobody always comes second.
    for (let place = 0; place < names.length; place += 1) {
      const which = names[(turn + place) % names.length];
      const took = await timeOf(ask, nameOf[which](turn), which, turn);
      if (turn >= warmUp) samples[which].push(took);
    }
  }
  const [unknown, gone] = [against(samples.wrong, samples.unknown), against(samples.wrong, samples.disabled)];
  return { name, cached, wrong: spread(samples.wrong).median, unknown, disabled: gone, met: judged ? unknown.met && gone.met : undefined };
};

const withStore = async (results, what, plugin, settings) => {
  for (const cached of [false, true]) {
    const { ask, close } = await opened(plugin, settings, cached);
    results.push(await compare({ ...what, cached }, ask));
    await close();
  }
};

const staticPeople = () =>
  Object.fromEntries([
    ...users.map((user) => [user, hashOf('SSHA512')]),
    ...disabled.map((user) => [user, { password: hashOf('SSHA512'), enabled: false }]),
  ]);

const sqliteFile = (path) => {
  const database = new Sqlite(path);
  database.exec(tableOfPeople());
  database.close();
  return `sqlite:${path}`;
};

const room = await ServerRoom.open();
const results = [];
try {
  const { url, base, service } = await startDirectory(room);
  const directory = { url, base, filter: '(mail={user})', bind: service, disabled: '(employeeType=disabled)' };
  const database = await startDatabase(room);
  const query = 'select password, enabled from users where email = {user}';
  await withStore(results, { name: 'static, SSHA512' }, staticPlugin, { users: staticPeople() });
  await withStore(results, { name: 'sql, SQLite, SSHA512' }, sqlPlugin, { url: sqliteFile(room.path('people.db')), query });
  await withStore(results, { name: 'sql, PostgreSQL, SSHA512' }, sqlPlugin, { url: database.url, query });
  await withStore(results, { name: 'ldap, search and bind' }, ldapPlugin, directory);
  await withStore(results, { name: 'ldap, `decoy` an entry of its own' }, ldapPlugin, { ...directory, decoy });
  await withStore(results, { name: 'ldap, `decoy: false`', judged: false }, ldapPlugin, { ...directory, decoy: false });
} finally {
  await room.close();
}

process.send({ samplesEach, results, met: results.every(({ met }) => met !== false) });
process.disconnect();
