import { readFile } from 'node:fs/promises';
import { databaseLogin, type DatabaseServer, type DatabaseServerOptions } from './database-server.js';
import { freePort } from './endpoint.js';
import { requireProgram } from './requirements.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';
import { converse, SystemUser } from './system-user.js';

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly runner: SystemUser;
  readonly options: DatabaseServerOptions;
}

const settingsOf = async ({ folder, port, runner, options }: Place): Promise<Readonly<Record<string, string>>> => {
  const pair = options.tls === undefined ? undefined : await runner.keep(options.tls, folder);
  return {
    datadir: `${folder}/data`,
    tmpdir: folder,
    'bind-address': '127.0.0.1',
    port: String(port),
    socket: `${folder}/socket`,
    'pid-file': `${folder}/pid`,
    'general-log': '1',
    'general-log-file': `${folder}/general.log`,
    'innodb-flush-log-at-trx-commit': '0',
    'skip-name-resolve': '1',
    'character-set-server': 'utf8mb4',
    ...(pair === undefined ? {} : { 'ssl-cert': pair.cert, 'ssl-key': pair.key }),
    ...options.settings,
  };
};

const launch = async (room: ServerRoom, place: Place): Promise<ServerProcess> => {
  const flags = Object.entries(await settingsOf(place)).map(([name, value]) => `--${name}=${value}`);
  const { command, args } = place.runner.command(requireProgram('mariadbd'), ['--no-defaults', ...flags]);
  const started = ServerProcess.start(room, { name: place.options.name ?? 'mariadb', command, args });
  await started.untilOutput(/ready for connections/);
  return started;
};

const initialise = async (folder: string, runner: SystemUser): Promise<void> => {
  // A MariaDB that starts clears its folder for temporary tables, which is /tmp unless it is told: those of the others, too.
  const flags = [`--tmpdir=${folder}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-flush-log-at-trx-commit=0'];
  await runner.run(requireProgram('mariadb-install-db'), ['--no-defaults', `--datadir=${folder}/data`, ...flags], folder);
};

/**
 * Starts a MariaDB on a free port of 127.0.0.1 and waits until it answers. It ends with the room. As root it runs as the
 * system user `mysql`.
 */
export const startMariadb = async (room: ServerRoom, options: DatabaseServerOptions = {}): Promise<DatabaseServer> => {
  const runner = await SystemUser.find('mysql');
  const folder = await runner.folder(room.path(options.name ?? 'mariadb'));
  await initialise(folder, runner);
  const { place, first } = await withFreshPorts(async () => {
    const chosen: Place = { folder, port: await freePort(), runner, options };
    return { place: chosen, first: await launch(room, chosen) };
  });
  const runs = [first];
  const { user, password, database } = databaseLogin;
  const client = (name: string, statements: string): Promise<string> =>
    converse(
      requireProgram('mariadb'),
      ['--no-defaults', `--socket=${folder}/socket`, '-u', 'root', '-N', '--default-character-set=utf8mb4', name],
      statements,
    );
  await client(
    'mysql',
    `create database ${database}; create user ${user}@'%' identified by '${password}'; grant all on ${database}.* to ${user}@'%'`,
  );
  if (options.setup !== undefined) await client(database, options.setup);
  return {
    host: '127.0.0.1',
    port: place.port,
    ...databaseLogin,
    url: `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${place.port}/${database}`,
    sql: (statements) => client(database, statements),
    output: () => readFile(`${folder}/general.log`, 'utf8'),
    stop: async () => {
      for (const each of runs) await each.stop();
    },
    start: async () => {
      runs.push(await launch(room, place));
    },
  };
};
