// Dovecot's auth service alone, with one passdb and without its cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireProgram, ServerProcess } from '@postern/testkit';

const configOf = (folder, driver) => `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_cache_size = 0
auth_failure_delay = 0
auth_verbose = no
service auth {
  unix_listener auth-bench {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
passdb {
  driver = ${driver}
  args = ${folder}/passdb.conf
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}
`;

const lines = (settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const modules = '/usr/lib/dovecot/modules/auth';
const parts = { ldap: 'libauthdb_ldap.so', sql: 'libdriver_pgsql.so' };

/** Whether this Dovecot knows the passdb: Debian has each in a package of its own. */
export const hasDovecot = (driver) =>
  spawnSync('dovecot', ['--version'], { stdio: 'ignore' }).status === 0 && existsSync(join(modules, parts[driver]));

/** `settings`: the passdb's own file. */
export const startDovecotAuth = async (room, { driver, settings }) => {
  const folder = room.path(`dovecot-${driver}`);
  await room.write(`dovecot-${driver}/passdb.conf`, lines(settings));
  const config = await room.write(`dovecot-${driver}/dovecot.conf`, configOf(folder, driver));
  const server = ServerProcess.start(room, { name: `dovecot ${driver}`, command: requireProgram('dovecot'), args: ['-F', '-c', config] });
  const path = `${folder}/run/auth-bench`;
  while (!existsSync(path)) {
    if (!server.running) throw new Error(`dovecot did not start: ${server.output()}`);
    await pause(20);
  }
  return { path, pid: server.pid, output: () => server.output() };
};
