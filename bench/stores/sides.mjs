// Who is measured against whom: each a process of its own, with `run(limits)` and the processes whose CPU time is its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { probe, startGenerator } from '../generator.mjs';
import { childrenOf, cpuSeconds } from '../machine.mjs';
import { bare, gateway, users } from '../servers.mjs';
import { hasDovecot, startDovecotAuth } from './dovecot.mjs';

const connections = 8;
const inFlight = 50;

const forked = async (script, how, { node }) => {
  const child = fork(join(import.meta.dirname, script), { execPath: node, execArgv: ['--no-deprecation'] });
  child.send({ users, ...how });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`)));
  ended.catch(() => undefined);
  await Promise.race([once(child, 'message'), ended]);
  return {
    pid: child.pid,
    run: async (limits) => {
      child.send(limits);
      const [result] = await Promise.race([once(child, 'message'), ended]);
      return result;
    },
    stop: () => child.kill(),
  };
};

/** It asks by itself, so that the CPU time of asking is its own too. */
const alone = (script, how) => async (options) => {
  const child = await forked(script, how, options);
  options.pin(child.pid);
  return { run: child.run, cpu: () => cpuSeconds(child.pid), stop: child.stop };
};

const belowDoor = (store) => alone('below-door.mjs', { use: store.use, settings: store.with, concurrency: inFlight });

/** `start`: of a server that is asked as nginx asks, a connection a login. */
const behindDoor = (name, start) => async (options) => {
  const server = await start(options);
  options.pin(server.pid);
  const generator = await startGenerator();
  const { length } = await probe(server, { name, expect: 'Auth-Status: OK' });
  return {
    run: async (limits) => {
      const { answered, unanswered, seconds } = await generator.run(server.port, { ...limits, length }, inFlight);
      return { answered, wrong: unanswered, seconds, trouble: 'another answer, or none' };
    },
    cpu: () => cpuSeconds(server.pid),
    stop: async () => {
      generator.stop();
      await server.stop();
    },
  };
};

const asked = (name, start) => ({ name, start: behindDoor(name, start) });

const dovecotAuth = (passdb) => async (options) => {
  const server = await startDovecotAuth(options.room, passdb);
  options.pin(server.pid);
  const load = await forked('dovecot-load.mjs', { path: server.path, concurrency: inFlight }, options);
  for (const pid of childrenOf(server.pid)) options.pin(pid);
  return {
    run: load.run,
    cpu: () => childrenOf(server.pid).reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0),
    stop: load.stop,
  };
};

const withDovecot = (driver, settings) =>
  hasDovecot(driver) ? [{ name: `Dovecot's auth, ${driver}`, start: dovecotAuth({ driver, settings }) }] : [];

/** Search and bind. */
export const ldapSides = ({ url, base, service }) => {
  const store = {
    use: 'ldap',
    with: { url, base, filter: '(mail={user})', bind: service, pool: { search: connections, bind: connections } },
  };
  const dovecot = {
    uris: url,
    dn: service.dn,
    dnpass: service.password,
    auth_bind: 'yes',
    base,
    scope: 'subtree',
    pass_filter: '(mail=%u)',
    pass_attrs: 'mail=user',
  };
  return [
    { name: 'bare ldapjs', start: alone('bare-ldap.mjs', { connections, url, base, service }) },
    { name: 'credential-ldap below the door', start: belowDoor(store) },
    asked('the gateway with ldap', gateway('nginx', { store })),
    ...withDovecot('ldap', dovecot),
  ];
};

/** A query and a check of an {SSHA512} hash. */
export const sqlSides = ({ url, host, port, user, password, database }) => {
  const query = 'select password from users where email = {user}';
  const store = { use: 'sql', with: { url, query, pool: { max: connections } } };
  const dovecot = {
    driver: 'pgsql',
    connect: `host=${host} port=${port} dbname=${database} user=${user} password='${password}' maxconns=${connections}`,
    password_query: "SELECT password FROM users WHERE email = '%u'",
  };
  return [
    { name: 'bare pg', start: alone('bare-sql.mjs', { connections, url }) },
    { name: 'credential-sql below the door', start: belowDoor(store) },
    asked('the gateway with sql', gateway('nginx', { store })),
    asked('bare node:net and bare pg', bare('bare-net-sql.mjs', 10143, url, connections)),
    ...withDovecot('sql', dovecot),
  ];
};
