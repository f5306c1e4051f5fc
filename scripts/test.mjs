// `npm test`: sets up, provisions the real servers, checks, then runs every test. Arguments go to jest:
// `npm test -- router-hash` runs what matches and leaves the checks out.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './lib/checks.mjs';
import { provision } from './lib/provision.mjs';
import { root, say, setUp } from './lib/setup.mjs';

const chosen = process.argv.slice(2);
const inCi = process.env.CI === 'true';
const report = join(root, '.postern', 'jest.json');

setUp();
const missing = provision();
const failedChecks = chosen.length === 0 ? await runChecks() : [];
if (inCi && missing.length > 0) failedChecks.push('servers');

say('running the tests');
rmSync(report, { force: true });
const jest = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...chosen,
  ],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
    },
  },
);

const counts = existsSync(report)
  ? JSON.parse(readFileSync(report, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numRuntimeErrorTestSuites: 1 };
const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites + failedChecks.length;
if (failedChecks.length > 0) say(`failed before the tests: ${failedChecks.join(', ')}`);
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
process.exit(failed === 0 && jest.status === 0 && counts.numPassedTests > 0 ? 0 : 1);
