// `npm run bench`: see `usage`. Exit 1: a bar was missed.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cache } from './cache.mjs';
import { logins } from './logins.mjs';
import { memory } from './memory.mjs';
import {
  cacheText,
  loginsText,
  memoryText,
  outageText,
  passwordsText,
  routersText,
  severalText,
  storesText,
  throughputText,
  timingText,
  workersText,
} from './report.mjs';
import { stores } from './stores.mjs';
import { throttleText } from './throttle-text.mjs';
import { throughput } from './throughput.mjs';
import { workers } from './workers.mjs';

const usage = `npm run bench -- [options]

  --rounds N      rounds (default 7)
  --seconds N     seconds per server and round (default 2)
  --only A,B      only these servers of the table; with --stores: ldap or sql
  --memory        resident memory over many answers, nothing else
  --answers N     with --memory: how many (default 1000000)
  --routers       what lookups cost, nothing else
  --passwords     what password checks cost, nothing else
  --timing        what unknown and disabled users wait beside a wrong password, store by store, nothing else
  --outage        what one store's fall does to the users of another, and overload, nothing else
  --several       three gateways on one Redis: a flush and a limit, nothing else
  --cache         what the cache holds and saves, nothing else
  --throttle      memory of the throttle under ten million random users and addresses, nothing else
  --workers       what a second worker adds, nothing else
  --logins        whole IMAP logins through nginx, beside nginx alone and Dovecot's proxy, nothing else
  --stores        logins through LDAP and SQL beside bare clients and Dovecot, nothing else
  --node PATH     another node for the servers, for example .postern/node-24…/node_modules/node/bin/node
  --markdown      nothing but the tables, for docs/performance.md
  --json          the numbers
`;

const options = {
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '2' },
  only: { type: 'string' },
  memory: { type: 'boolean', default: false },
  answers: { type: 'string', default: '1000000' },
  routers: { type: 'boolean', default: false },
  passwords: { type: 'boolean', default: false },
  stores: { type: 'boolean', default: false },
  timing: { type: 'boolean', default: false },
  outage: { type: 'boolean', default: false },
  several: { type: 'boolean', default: false },
  throttle: { type: 'boolean', default: false },
  cache: { type: 'boolean', default: false },
  logins: { type: 'boolean', default: false },
  workers: { type: 'boolean', default: false },
  node: { type: 'string', default: process.execPath },
  markdown: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
};

const parse = (args) => {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}`);
    return undefined;
  }
};

/** What a script of this folder has to say, run in a process of its own. */
const apart = async (script, node, args = []) => {
  const child = fork(join(import.meta.dirname, script), args, { execPath: node });
  const [results] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the measuring process ended with ${code}`))),
  ]);
  return results;
};

const versionOf = (node) => spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();

/** The parts that were asked for, as `[text, all bars met, numbers]`. */
const measure = async (values, folder, say) => {
  const facts = { nodeVersion: versionOf(values.node), date: new Date().toISOString().slice(0, 10) };
  if (values.memory) {
    const result = await memory({ node: values.node, folder, say, answers: Number(values.answers) });
    return [memoryText(result, facts), result.met, result];
  }
  if (values.routers) {
    const result = await apart('routers.mjs', values.node);
    return [routersText(result, facts), result.every(({ met }) => met), result];
  }
  if (values.passwords) {
    const result = await apart('passwords.mjs', values.node);
    return [passwordsText(result, facts), result.met, result];
  }
  if (values.timing) {
    const result = await apart('timing.mjs', values.node);
    return [timingText(result, facts), result.met, result];
  }
  if (values.several) {
    const result = await apart('several.mjs', values.node);
    return [severalText(result, facts), result.met, result];
  }
  if (values.outage) {
    const result = await apart('outage.mjs', values.node, [values.seconds, values.rounds]);
    return [outageText(result, facts), result.met, result];
  }
  if (values.throttle) {
    const result = await apart('throttle.mjs', values.node);
    return [throttleText(result, facts), result.met, result];
  }
  const how = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const options = { node: values.node, folder, say, ...how, only: values.only?.split(',') };
  if (values.stores) {
    const result = await stores(options);
    return [storesText(result, { ...facts, ...how }), result.met, result];
  }
  if (values.workers) {
    const result = await workers(options);
    return [workersText(result, { ...facts, ...how }), result.met, result];
  }
  if (values.logins) {
    const result = await logins(options);
    return [loginsText(result, { ...facts, ...how }), result.met, result];
  }
  if (values.cache) {
    const result = await cache(options);
    return [cacheText(result, facts), result.met, result];
  }
  const result = await throughput(options);
  return [throughputText(result, { ...facts, ...how }), result.bars.every(({ met }) => met), result];
};

/** Answers the exit status. */
export const main = async (args) => {
  const values = parse(args);
  if (values === undefined) return 2;
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const quiet = values.markdown || values.json;
  try {
    const [text, met, numbers] = await measure(values, folder, (line) => quiet || process.stderr.write(`${line}\n`));
    process.stdout.write(`${values.json ? JSON.stringify(numbers, null, 2) : text}\n`);
    return met ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
