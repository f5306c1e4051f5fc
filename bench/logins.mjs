// Whole IMAP logins per second, from the client's connection to the backend's OK, in interleaved rounds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ServerRoom } from '@postern/testkit';
import { sides } from './logins/sides.mjs';
import { static204, users } from './servers.mjs';
import { spread } from './statistics.mjs';

const concurrency = 50;
const warmUp = 5_000;

/** Without `least`: for comparison. */
const bars = [
  { over: 'nginx and the gateway', under: 'nginx and its static 204', least: 0.97 },
  { over: 'nginx and the gateway', under: "Dovecot's proxy", least: 1.3 },
  { over: 'nginx and the gateway, unix socket', under: 'nginx and its static 204' },
  { over: 'nginx and the gateway, unix socket', under: "Dovecot's proxy" },
  { over: 'nginx and bare node:net', under: 'nginx and its static 204' },
  { over: 'nginx and the gateway', under: 'nginx and bare node:net' },
];

const processOf = async (script) => {
  const child = fork(join(import.meta.dirname, 'logins', script), { execArgv: ['--no-deprecation'] });
  const [message] = await once(child, 'message');
  return { child, message };
};

const measure = async (load, { name, server }, limits) => {
  load.send({ port: server.port, users, concurrency, ...limits });
  const [{ answered, unanswered, seconds }] = await once(load, 'message');
  if (unanswered > 0) throw new Error(`${name}: ${unanswered} of ${answered + unanswered} logins failed`);
  return answered / seconds;
};

/** `options`: `{ node, folder, rounds, seconds, only, say }`. */
export const logins = async ({ rounds, seconds, only, say, ...options }) => {
  const room = await ServerRoom.open();
  const backend = await processOf('backend.mjs');
  const { child: load } = await processOf('load.mjs');
  const running = [];
  try {
    for (const side of sides) {
      if (only !== undefined && !only.includes(side.name)) continue;
      const server = await side.start({ ...options, room, port: backend.message.port, static204: static204(options) });
      running.push({ ...side, server, rates: [] });
    }
    for (const one of running) {
      say(`warming up: ${one.name}`);
      await measure(load, one, { requests: warmUp });
    }
    for (let round = 1; round <= rounds; round += 1) {
      say(`round ${round} of ${rounds}`);
      for (const one of round % 2 === 1 ? running : [...running].reverse()) {
        one.rates.push(await measure(load, one, { ms: seconds * 1000 }));
      }
    }
    return summary(running);
  } finally {
    for (const { server } of running) await server.stop();
    load.disconnect();
    backend.child.disconnect();
    await room.close();
  }
};

const summary = (running) => {
  const rows = running.map(({ name, rates }) => ({ name, rate: spread(rates) }));
  const compared = bars.flatMap(({ over, under, least }) => {
    const [one, other] = [over, under].map((wanted) => running.find(({ name }) => name === wanted));
    if (one === undefined || other === undefined) return [];
    const ratio = spread(one.rates.map((rate, round) => rate / other.rates[round]));
    return [{ over, under, least, ratio, met: least === undefined ? undefined : ratio.median >= least }];
  });
  return { rows, bars: compared, met: compared.every(({ met }) => met !== false) };
};
