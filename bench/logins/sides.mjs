// Who lets mail clients in: nginx with the gateway, nginx with an answer of its own, Dovecot as a proxy.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { startDovecot, startNginx } from '@postern/testkit';
import { bare, gateway, key, users } from '../servers.mjs';

/** A different salt for everybody, as in life. */
const hashOf = (user) => {
  const salt = Buffer.from(user.slice(5, 9));
  return `{SSHA512}${Buffer.concat([createHash('sha512').update('pw').update(salt).digest(), salt]).toString('base64')}`;
};

const store = { use: 'static', with: { users: Object.fromEntries(users.map((user) => [user, hashOf(user)])) } };
const cache = { use: 'cache', with: { ttl: '10m' } };

const listeners = [{ protocol: 'imap' }];

/** Lines about each connection would be read by this process, on the CPUs that are measured. */
const quiet = ['error_log /dev/null crit;'];

/** `socket`: a file to listen on in place of a TCP port. */
const withGateway = async ({ room, port, socket, ...options }) => {
  const backends = { only: { host: '127.0.0.1', imap: port } };
  const listen = socket === undefined ? {} : { listen: `unix:${socket}` };
  const server = await gateway('nginx', { store, policies: [cache], backends, ...listen })(options);
  const nginx = await startNginx(room, {
    name: socket === undefined ? 'nginx-gateway' : 'nginx-unix',
    authHttp: socket === undefined ? { host: '127.0.0.1', port: server.port } : { path: socket },
    headers: { 'X-Auth-Key': key },
    listeners,
    directives: quiet,
  });
  return { port: nginx.endpoint('imap').port, stop: server.stop };
};

const withGatewayOnUnix = (options) => withGateway({ ...options, socket: options.room.path('auth.sock') });

/** Checks nothing: everybody is sent to the same server. */
const withStatic204 = async ({ room, port, static204 }) => {
  const answer = await static204({ 'Auth-Status': 'OK', 'Auth-Server': '127.0.0.1', 'Auth-Port': port });
  const nginx = await startNginx(room, {
    name: 'nginx-204',
    authHttp: { host: '127.0.0.1', port: answer.port },
    listeners,
    directives: quiet,
  });
  return { port: nginx.endpoint('imap').port, stop: answer.stop };
};

/** Checks nothing either: what a gateway on node:net could reach if it had nothing to do. */
const withBareNet = async ({ room, port, ...options }) => {
  const answer = await bare('bare-net.mjs', port)(options);
  const nginx = await startNginx(room, {
    name: 'nginx-bare',
    authHttp: { host: '127.0.0.1', port: answer.port },
    listeners,
    directives: quiet,
  });
  return { port: nginx.endpoint('imap').port, stop: answer.stop };
};

const dovecotProxy = async ({ room, port }) => {
  const file = room.path('proxy-users');
  writeFileSync(file, users.map((user) => `${user}:${hashOf(user)}::::::proxy=y host=127.0.0.1 port=${port}\n`).join(''));
  const dovecot = await startDovecot(room, {
    name: 'proxy',
    protocols: ['imap'],
    users: [],
    lines: [
      'passdb {',
      'driver = passwd-file',
      `args = username_format=%u ${file}`,
      '}',
      'auth_cache_size = 10M',
      'info_log_path = /dev/null',
      'service imap-login {',
      'client_limit = 4000',
      '}',
    ],
  });
  return { port: dovecot.ports.imap, stop: () => undefined };
};

export const sides = [
  { name: 'nginx and the gateway', start: withGateway },
  { name: 'nginx and the gateway, unix socket', start: withGatewayOnUnix },
  { name: 'nginx and its static 204', start: withStatic204 },
  { name: 'nginx and bare node:net', start: withBareNet },
  { name: "Dovecot's proxy", start: dovecotProxy },
];
