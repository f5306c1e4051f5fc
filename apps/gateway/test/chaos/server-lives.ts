import {
  accepts,
  requireProgram,
  ServerProcess,
  type DatabaseServer,
  type Dovecot,
  type Nginx,
  type RedisServer,
  type ServerRoom,
  type Slapd,
} from '@postern/testkit';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from './people.js';
import { homeKey } from './site-config.js';
import type { ServerLife } from './victim.js';

/** The first line of a file that a server keeps its process number in. */
const pidIn = async (room: ServerRoom, ...parts: readonly string[]): Promise<number> =>
  Number.parseInt(await readFile(room.path(...parts), 'utf8'), 10);

export const slapdLife = (room: ServerRoom, server: Slapd): ServerLife => ({
  pid: () => pidIn(room, 'slapd', 'slapd.pid'),
  stop: () => server.stop(),
  start: () => server.restart(),
});

export const dovecotLife = (room: ServerRoom, server: Dovecot): ServerLife => ({
  pid: () => pidIn(room, server.name, 'run', 'master.pid'),
  stop: () => server.stop(),
  start: () => server.restart(),
});

export const postgresLife = (room: ServerRoom, server: DatabaseServer): ServerLife => ({
  pid: () => pidIn(room, 'postgres', 'data', 'postmaster.pid'),
  stop: () => server.stop(),
  start: async () => {
    // Whoever was killed is waited for here.
    await server.stop();
    await server.start();
  },
});

/** It comes back empty, so what the router looks up is put in again. */
export const redisLife = (server: RedisServer, homes: readonly Person[]): ServerLife & { fill(): Promise<void> } => {
  const fill = async (): Promise<void> => {
    await server.command('mset', ...homes.flatMap(({ user, home = '' }) => [homeKey(user), home]));
  };
  return {
    fill,
    pid: async () => Number(/process_id:(\d+)/u.exec(await server.command('info', 'server'))?.[1]),
    stop: async () => {
      await server.command('shutdown', 'nosave').catch(() => undefined);
      while (await accepts(server)) await pause(10);
    },
    start: async () => {
      await server.kill();
      await server.start();
      await fill();
    },
  };
};

export const nginxLife = (room: ServerRoom, nginx: Nginx): ServerLife => {
  let current = nginx.process;
  return {
    pid: async () => current.pid,
    stop: async () => {
      await current.stop();
    },
    start: async () => {
      await current.stop();
      const args = ['-e', 'stderr', '-p', room.path('nginx'), '-c', nginx.configPath];
      current = ServerProcess.start(room, { name: 'nginx', command: requireProgram('nginx'), args });
      await current.untilAccepts(nginx.endpoint('imap'));
    },
  };
};
