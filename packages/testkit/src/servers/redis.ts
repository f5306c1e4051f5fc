import { mkdir, writeFile } from 'node:fs/promises';
import { freePort } from './endpoint.js';
import { requireProgram } from './requirements.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';
import { converse } from './system-user.js';

export interface RedisOptions {
  /** Default: `redis`. Two servers in one room need two names. */
  readonly name?: string;
  /** Settings of the server, as on its command line without the dashes. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The password of the user `default`. */
  readonly password?: string;
}

/** A running Redis that keeps nothing on disk. It ends with the room. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** With the password, where there is one. */
  readonly url: string;
  /** Gives one command to the server and answers what `redis-cli` prints. */
  command(...words: readonly string[]): Promise<string>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Connections stay, and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Again, on the same port, with nothing in it. */
  start(): Promise<void>;
}

const launch = async (room: ServerRoom, name: string, args: readonly string[], ready: RegExp): Promise<ServerProcess> => {
  const folder = room.path(name);
  await mkdir(folder, { recursive: true });
  const started = ServerProcess.start(room, { name, command: requireProgram('redis-server'), args, cwd: folder });
  // What is frozen cannot end.
  room.onClose(() => Promise.resolve(started.signal('SIGCONT')));
  await started.untilOutput(ready);
  return started;
};

/** Starts a Redis on a free port of 127.0.0.1 and waits until it answers. */
export const startRedis = async (room: ServerRoom, options: RedisOptions = {}): Promise<RedisServer> => {
  const { name = 'redis', settings = {}, password } = options;
  const run = (port: number): Promise<ServerProcess> => {
    const all = {
      port: String(port),
      bind: '127.0.0.1',
      save: '',
      appendonly: 'no',
      ...(password === undefined ? {} : { requirepass: password }),
    };
    const flags = Object.entries({ ...all, ...settings }).flatMap(([key, value]) => [`--${key}`, value]);
    return launch(room, name, flags, /Ready to accept connections/);
  };
  const { port, first } = await withFreshPorts(async () => {
    const chosen = await freePort();
    return { port: chosen, first: await run(chosen) };
  });
  let current = first;
  const access = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return {
    host: '127.0.0.1',
    port,
    url: `redis://${access}127.0.0.1:${port}`,
    command: (...words) => redisCli(port, words, password),
    kill: async () => {
      current.signal('SIGKILL');
      await current.ended;
    },
    freeze: () => current.signal('SIGSTOP'),
    thaw: () => current.signal('SIGCONT'),
    start: async () => {
      current = await run(port);
    },
  };
};

const redisCli = (port: number, words: readonly string[], password?: string): Promise<string> => {
  const access = password === undefined ? [] : ['--no-auth-warning', '-a', password];
  return converse(requireProgram('redis-cli'), ['-p', String(port), ...access, ...words], '').then((text) => text.trim());
};

/** Starts a Sentinel that watches `master` under the name `mymaster` and alone may decide that it is down. */
export const startSentinel = async (
  room: ServerRoom,
  master: Pick<RedisServer, 'host' | 'port'>,
): Promise<Pick<RedisServer, 'host' | 'port' | 'command'>> =>
  withFreshPorts(async () => {
    const port = await freePort();
    const name = `sentinel-${port}`;
    await mkdir(room.path(name), { recursive: true });
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor mymaster ${master.host} ${master.port} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ];
    const config = room.path(name, 'sentinel.conf');
    await writeFile(config, `${lines.join('\n')}\n`);
    await launch(room, name, [config, '--sentinel'], /\+monitor master/);
    return { host: '127.0.0.1', port, command: (...words) => redisCli(port, words) };
  });

/** Starts three masters that share the slots, without replicas. */
export const startRedisCluster = async (room: ServerRoom): Promise<readonly RedisServer[]> => {
  const node = async (name: string): Promise<RedisServer> =>
    startRedis(room, {
      name,
      settings: { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()), 'cluster-node-timeout': '1000' },
    });
  const nodes = await Promise.all(['node-1', 'node-2', 'node-3'].map(node));
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
  await converse(requireProgram('redis-cli'), ['--cluster', 'create', ...addresses, '--cluster-yes'], '');
  return nodes;
};
