// Three gateways on one Redis: how soon a flush is everywhere, and how well a limit holds over all. Runs in a process of its own.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort, Gateway, ServerRoom, startRedis } from '@postern/testkit';
import { askFor } from './several-client.mjs';
import { spread } from './statistics.mjs';

const Sqlite = createRequire(new URL('../packages/sql/package.json', import.meta.url))('libsql');
const script = join(import.meta.dirname, '..', 'apps/gateway/bin/postern.js');
const times = 40;
const tries = 20;
const atOnce = 12;
const mover = 'mover@example.org';

const config = async (redis, database) => ({
  listen: `127.0.0.1:${await freePort()}`,
  operator: { listen: `127.0.0.1:${await freePort()}` },
  log: { level: 'error' },
  health: 'off',
  redis: { url: redis.url },
  backends: { mail: { host: '127.0.0.1' } },
  plugins: [
    { use: 'throttle', with: { user: { tries }, network: { tries: 1000 } } },
    { use: 'cache', with: { ttl: '1h', negativeTtl: '0s' } },
    { use: 'sql', with: { url: `sqlite:${database}`, query: 'select password from users where email = {user}', allowWeak: ['PLAIN'] } },
    { use: 'domain', with: { routes: { 'example.org': 'mail' } } },
  ],
});

const sqlite = (path, statements) => {
  const database = new Sqlite(path);
  database.exec(statements);
  database.close();
};

const flush = async (operator) => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`http://${operator}/api/v1/cache/flush`, { method: 'POST', headers, body: JSON.stringify({ user: mover }) });
  if (answer.status !== 200) throw new Error(`the flush was answered with ${answer.status}`);
};

/** Milliseconds from the request to the first no at each, the longest of them. */
const flushed = async (configs, database, turn) => {
  const [old, next] = [`pw-${turn}`, `pw-${turn + 1}`];
  for (const { listen } of configs) {
    const said = await askFor(listen, mover, old);
    if (said !== 'OK') throw new Error(`the password of round ${turn} was answered with ${said}`);
  }
  sqlite(database, `update users set password = '{PLAIN}${next}' where email = '${mover}'`);
  const begin = performance.now();
  const dead = configs.map(async ({ listen }) => {
    while ((await askFor(listen, mover, old)) === 'OK');
    return performance.now() - begin;
  });
  await flush(configs[turn % configs.length].operator.listen);
  return Math.max(...(await Promise.all(dead)));
};

const letThrough = async (configs, turn) => {
  let [left, through] = [tries * 3, 0];
  const guess = async () => {
    while (left > 0) {
      left -= 1;
      const said = await askFor(configs[left % configs.length].listen, `victim-${turn}@example.org`, `guess ${left}`, `198.51.100.${left}`);
      if (said.includes('AUTHENTICATIONFAILED')) through += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, guess));
  return through;
};

const room = await ServerRoom.open();
try {
  const redis = await startRedis(room);
  const database = room.path('people.db');
  sqlite(
    database,
    `create table users (email text primary key, password text not null); insert into users values ('${mover}', '{PLAIN}pw-0');`,
  );
  const configs = await Promise.all([1, 2, 3].map(() => config(redis, database)));
  await Promise.all(configs.map((each, index) => Gateway.start(room, { script, name: `gateway-${index}`, config: each })));
  const [flushes, guesses] = [[], []];
  for (let turn = 0; turn < times; turn += 1) {
    flushes.push(await flushed(configs, database, turn));
    guesses.push(await letThrough(configs, turn));
  }
  const [flush_, limits] = [spread(flushes), spread(guesses)];
  const flushMet = flush_.greatest < 1000;
  const limitsMet = limits.least >= tries * 0.9 && limits.greatest <= tries * 1.1;
  process.send({
    tries,
    flush: { ...flush_, times, met: flushMet },
    limits: { ...limits, times, met: limitsMet },
    met: flushMet && limitsMet,
  });
} finally {
  await room.close();
}
process.disconnect();
