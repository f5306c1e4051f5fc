// Starts what is measured, each in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hasPhp, startPhp } from './servers/php.mjs';

const here = import.meta.dirname;
const gatewayScript = join(here, '..', 'apps/gateway/bin/postern.js');

export const users = Array.from({ length: 1000 }, (_, index) => `user-${String(index).padStart(4, '0')}@example.org`);
export const key = 'a shared key of some length';

/** Full path of an answer: a store, a hash ring over four backends, key, metrics, log off. */
const gatewayConfig = (door, { store, policies, backends, workers, listen }) =>
  JSON.stringify({
    workers,
    ...(door === 'nginx' ? { listen } : { proxy: { listen } }),
    nginx: { key },
    log: { level: 'silent' },
    health: 'off',
    identity: { defaultDomain: 'example.org' },
    backends,
    plugins: [...policies, store, { use: 'hash', with: { over: Object.keys(backends) } }],
  });

const staticStore = { use: 'static', with: { users: Object.fromEntries(users.map((user) => [user, '{PLAIN}pw'])) } };

const started = (child, port, stop = () => child.kill('SIGTERM')) => ({
  pid: child.pid,
  port,
  stop: async () => {
    stop();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  },
});

const endedEarly = (child, name) =>
  once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code} before it listened`)));

/** A server of `servers/` that does the least it can. `args`: what it is told. */
export const bare =
  (script, ...args) =>
  async ({ node }) => {
    const child = spawn(node, [join(here, 'servers', script), ...args.map(String)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [{ port }] = await Promise.race([once(child, 'message'), endedEarly(child, script)]);
    return started(child, port);
  };

const fourBackends = Object.fromEntries(['a', 'b', 'c', 'd'].map((name, index) => [`mail-${name}`, { host: `127.0.0.${index + 1}` }]));

/** `store` and `policies`: their entries of the plugin list. `listen`: a unix socket's server has no port. */
export const gateway =
  (door, { store = staticStore, policies = [], backends = fourBackends, workers = 1, listen = '127.0.0.1:0' } = {}) =>
  async ({ node, folder, nodeOptions = [] }) => {
    const config = join(folder, `${door}-${store.use}-${workers}.yaml`);
    writeFileSync(config, gatewayConfig(door, { store, policies, backends, workers, listen }));
    const child = spawn(node, [...nodeOptions, gatewayScript, 'serve', '-c', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: folder,
    });
    const lines = createInterface({ input: child.stdout });
    const ready = (async () => {
      for await (const line of lines) {
        const [ready, port] = /is ready: .*(?:127\.0\.0\.1:(\d+)|unix:)/.exec(line) ?? [];
        if (ready !== undefined) return port === undefined ? undefined : Number(port);
      }
      throw new Error('the gateway ended before it was ready');
    })();
    return started(child, await ready);
  };

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/** What a request is answered with. */
const return204 = (headers) =>
  Object.entries(headers)
    .map(([name, value]) => `add_header ${name} ${value} always;`)
    .join(' ') + ' return 204;';

const nginxConfig = (folder, port, answer) => `
daemon off; master_process off; worker_processes 1;
pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { listen 127.0.0.1:${port} backlog=4096; ${answer} }
}`;

const accepts = async (port) => {
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  const answer = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
  socket.destroy();
  return answer;
};

const nginx = async (answer, { folder }) => {
  const port = await freePort();
  const room = mkdtempSync(join(folder, 'nginx-'));
  writeFileSync(join(room, 'nginx.conf'), nginxConfig(room, port, answer));
  const child = spawn('nginx', ['-p', room, '-c', join(room, 'nginx.conf'), '-e', join(room, 'error.log')], { stdio: 'inherit' });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error('nginx did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return started(child, port);
};

/** nginx answering by itself, with these headers. */
export const static204 =
  (options) =>
  (headers = {}) =>
    nginx(return204(headers), options);

const hasNginx = () => spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;

/** In the order of the table. `expect`: what the start of a reply must hold. */
export const contestants = [
  { name: 'nginx door', start: gateway('nginx'), expect: 'Auth-Status: OK' },
  { name: 'Express door', start: gateway('express'), expect: 'Auth-Status: OK' },
  { name: 'bare node:net', start: bare('bare-net.mjs'), expect: 'Auth-Status: OK' },
  { name: 'bare node:http', start: bare('bare-http.mjs'), expect: 'Auth-Status: OK' },
  { name: 'plain Express 5', start: bare('plain-express.mjs'), expect: 'Auth-Status: OK' },
  {
    name: 'nginx and php-fpm',
    start: (options) => startPhp((answer) => nginx(answer, options), options),
    expect: 'Auth-Status: OK',
    needs: () => hasNginx() && hasPhp(),
  },
  { name: 'nginx static 204', start: (options) => static204(options)(), expect: '204 No Content', needs: hasNginx },
];
