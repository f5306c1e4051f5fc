// nginx in front of php-fpm: what many people answer auth_http with today. The script checks nothing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf, cpuSeconds } from '../machine.mjs';

const program = () => {
  const found = ['/usr/sbin', '/usr/bin'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^php-fpm[\d.]*$/.test(name))
          .map((name) => join(folder, name))
      : [],
  );
  return found.find((path) => spawnSync(path, ['-v'], { stdio: 'ignore' }).status === 0);
};

export const hasPhp = () => program() !== undefined;

const script = `<?php
header('Auth-Status: OK');
header('Auth-Server: 127.0.0.1');
header('Auth-Port: 143');
`;

/** Workers that stay, one for each CPU. */
const poolOf = (room, root) => `
[global]
pid = ${room}/fpm.pid
error_log = ${room}/fpm.log
daemonize = no
[www]
listen = ${room}/fpm.sock
listen.mode = 0666
listen.backlog = 4096
${root ? 'user = www-data\ngroup = www-data' : ''}
pm = static
pm.max_children = 2
`;

const passOn = (room) =>
  `location / { fastcgi_pass unix:${room}/fpm.sock; fastcgi_param SCRIPT_FILENAME ${room}/auth.php; fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_NAME /auth; }`;

/** `nginx`: starts one that answers with these lines. */
export const startPhp = async (nginx, { folder }) => {
  const room = mkdtempSync(join(folder, 'php-'));
  spawnSync('chmod', ['755', folder, room]);
  const root = process.getuid() === 0;
  writeFileSync(join(room, 'auth.php'), script);
  writeFileSync(join(room, 'fpm.conf'), poolOf(room, root));
  const fpm = spawn(program(), ['-n', '-y', join(room, 'fpm.conf'), ...(root ? ['-R'] : [])], { stdio: 'ignore' });
  while (!existsSync(join(room, 'fpm.sock'))) {
    if (fpm.exitCode !== null) throw new Error('php-fpm did not start');
    await pause(20);
  }
  const front = await nginx(passOn(room));
  const pids = () => [front.pid, fpm.pid, ...childrenOf(fpm.pid)];
  return {
    ...front,
    pids,
    cpu: () => pids().reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0),
    stop: async () => {
      await front.stop();
      fpm.kill('SIGTERM');
      if (fpm.exitCode === null && fpm.signalCode === null) await once(fpm, 'exit');
    },
  };
};
