// `npm run chaos`: breaks and mends real servers and the gateway under load, and checks every answer. Ends with 1 when anything was seen
// that must never be. `npm run chaos -- --help` says what there is.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provision } from './lib/provision.mjs';
import { fail, root, say, setUp } from './lib/setup.mjs';

const victims = ['slapd', 'postgres', 'redis', 'mail-a', 'mail-b', 'nginx', 'gateway'];
const help = `npm run chaos -- [--seed N] [--rounds N] [--only ${victims.join(',')}] [--workers N] [--hold N]

  --seed N     the schedule: the same rounds for the same number (default: the time)
  --rounds N   faults to inject, one after the other; every third comes with another (default: 60, some four seconds each)
  --only …     break these alone, parted by commas
  --workers N  processes of the gateway (default: 1)
  --hold N     seconds for which something is broken at most (default: 4); every tenth time five times as long
`;

const wholeNumber = (name, text) => (/^\d{1,10}$/u.test(text) ? Number(text) : fail(`--${name} takes a whole number, not ${text}`));

const asked = () => {
  const options = Object.fromEntries(['seed', 'rounds', 'only', 'workers', 'hold'].map((name) => [name, { type: 'string' }]));
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(error.message);
  }
};

const { seed = String(Math.floor(Date.now() / 1000)), rounds = '60', only = '', workers = '1', hold = '4', help: wanted } = asked();
if (wanted) {
  process.stdout.write(help);
  process.exit();
}
const stranger = only.split(',').find((name) => name !== '' && !victims.includes(name));
if (stranger !== undefined) fail(`nothing is called ${stranger}; there are ${victims.join(', ')}`);
const environment = {
  POSTERN_CHAOS_SEED: wholeNumber('seed', seed),
  POSTERN_CHAOS_ROUNDS: Math.max(1, wholeNumber('rounds', rounds)),
  POSTERN_CHAOS_WORKERS: Math.max(1, wholeNumber('workers', workers)),
  POSTERN_CHAOS_HOLD: Math.max(1, wholeNumber('hold', hold)),
  POSTERN_CHAOS_ONLY: only,
};

setUp();
if (provision().length > 0) fail('servers are missing: see above');
say(`chaos: seed ${environment.POSTERN_CHAOS_SEED}, ${environment.POSTERN_CHAOS_ROUNDS} rounds; play it again with --seed`);
const jest = spawnSync(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js')],
    ...['--runInBand', 'apps/gateway/test/chaos/chaos.test.ts'],
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
);
process.exit(jest.status === 0 ? 0 : 1);
