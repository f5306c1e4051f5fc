// What one lookup costs, and what a large table does. Runs in a process of its own: it reports its peak memory.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainPlugin } from '@postern/router-domain';
import { hashPlugin } from '@postern/router-hash';
import { tablePlugin } from '@postern/router-table';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';

const signal = new AbortController().signal;
const started = async (plugin, config, backends) => {
  const instance = plugin.create(parseConfig(plugin, config), fakeServices({ backends }));
  await instance.start?.(signal);
  return instance;
};

const question = (user) => [{ user, attributes: {} }, attempt({ user })];

/** Microseconds per lookup: the best of several runs, after warming up. Throws when a lookup finds no place. */
const perLookup = async (router, users) => {
  const questions = users.map(question);
  const run = async () => {
    const begin = performance.now();
    for (const [account, asked] of questions) {
      const { kind } = await router.locate(account, asked, signal);
      if (kind !== 'placed') throw new Error(`${asked.user} was not placed: ${kind}`);
    }
    return ((performance.now() - begin) * 1000) / questions.length;
  };
  const runs = [];
  for (let count = 0; count < 6; count += 1) runs.push(await run());
  return Math.min(...runs.slice(1));
};

const result = (what, value, limit, unit) => ({ what, value, limit, unit, met: value < limit });

const hashLookups = async () => {
  const backends = Array.from({ length: 100 }, (_, index) => `mail-${index}`);
  const router = await started(hashPlugin, { over: backends }, backends);
  const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}@example.org`);
  return [result('hash, 100 backends, one lookup', await perLookup(router, users), 20, 'µs')];
};

const domainLookups = async () => {
  const routes = {};
  for (let index = 0; index < 50_000; index += 1) {
    routes[`host-${index}.example.org`] = 'mail';
    routes[`*.zone-${index}.example.net`] = 'mail';
  }
  const router = await started(domainPlugin, { routes }, ['mail']);
  const exact = Array.from({ length: 20_000 }, (_, index) => `user@host-${index * 2}.example.org`);
  const suffix = Array.from({ length: 20_000 }, (_, index) => `user@a.b.zone-${index * 2}.example.net`);
  return [
    result('domain, 100,000 rules, exact', await perLookup(router, exact), 5, 'µs'),
    result('domain, 100,000 rules, suffix', await perLookup(router, suffix), 5, 'µs'),
  ];
};

const writeRows = async (path, rows) => {
  const file = createWriteStream(path);
  for (let from = 0; from < rows; from += 10_000) {
    let text = '';
    for (let row = from; row < from + 10_000; row += 1) text += `user-${row}@example.org\tmail-${row % 50}\n`;
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
};

const bigTable = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  try {
    const path = join(folder, 'table.txt');
    await writeRows(path, 1_000_000);
    const backends = Array.from({ length: 50 }, (_, index) => `mail-${index}`);
    const begin = performance.now();
    const router = await started(tablePlugin, { file: path }, backends);
    const seconds = (performance.now() - begin) / 1000;
    const megabytes = process.resourceUsage().maxRSS / 1000;
    const users = Array.from({ length: 20_000 }, (_, index) => `user-${index * 50}@example.org`);
    return [
      result('table, 1,000,000 rows: reading', seconds, 5, 's'),
      result('table, 1,000,000 rows: peak memory of the process', megabytes, 400, 'MB'),
      result('table, 1,000,000 rows, one lookup', await perLookup(router, users), 20, 'µs'),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

// The table first: its peak must not hold what the others left behind.
const results = [...(await bigTable()), ...(await hashLookups()), ...(await domainLookups())];
process.send(results);
process.disconnect();
