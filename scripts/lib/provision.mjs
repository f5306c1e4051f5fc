// The real servers the tests talk to: which are missing, and their Debian packages where this machine may install them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './setup.mjs';

const policy = '/usr/sbin/policy-rc.d';

const onPath = (program) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some((folder) => folder !== '' && existsSync(join(folder, program)));

const isThere = ({ program, files = [] }) => (program !== undefined ? onPath(program) : files.some((file) => existsSync(file)));

/** What the tests need and this machine lacks: `[{ program | file, package }]`. */
const missingServers = () => JSON.parse(readFileSync(join(root, 'packages/testkit/servers.json'), 'utf8')).filter((need) => !isThere(need));

const mayInstall = () => process.getuid?.() === 0 && onPath('apt-get');

/** Installs without starting anything: Debian asks policy-rc.d before it starts a service. */
const install = (packages) => {
  const guarded = !existsSync(policy);
  if (guarded) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' };
    spawnSync('apt-get', ['update', '-qq'], quiet);
    const result = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
    if (result.status !== 0) say(`apt-get failed: ${result.stderr.trim().split('\n').at(-1)}`);
  } finally {
    if (guarded) rmSync(policy, { force: true });
  }
};

/** Sees to the servers; answers what is still missing. */
export const provision = () => {
  const missing = missingServers();
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map((need) => need.package))];
  if (mayInstall()) {
    say(`installing ${packages.join(', ')} (Debian packages, for the tests; nothing is started)`);
    install(packages);
  }
  const left = missingServers();
  if (left.length > 0) {
    say(`missing: ${left.map((need) => need.name).join(', ')}. To run the tests against real servers:`);
    say(`  sudo apt-get install ${[...new Set(left.map((need) => need.package))].join(' ')}`);
  }
  return left;
};
