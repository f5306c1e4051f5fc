import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { databaseLogin, type DatabaseServer, type DatabaseServerOptions } from './database-server.js';
import { freePort } from './endpoint.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';
import { converse, SystemUser } from './system-user.js';

// Debian keeps each version's programs in a folder of its own.
const versions = '/usr/lib/postgresql';

const programs = (): string => {
  const found = existsSync(versions) ? readdirSync(versions).sort((one, other) => Number(other) - Number(one)) : [];
  const folder = found.map((version) => join(versions, version, 'bin')).find((bin) => existsSync(join(bin, 'postgres')));
  if (folder === undefined) throw new Error('PostgreSQL is not installed (Debian package postgresql)');
  return folder;
};

interface Place {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly runner: SystemUser;
  readonly options: DatabaseServerOptions;
}

const settingsOf = async ({ folder, data, port, runner, options }: Place): Promise<Readonly<Record<string, string>>> => {
  const pair = options.tls === undefined ? undefined : await runner.keep(options.tls, data);
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    log_statement: 'all',
    ...(pair === undefined ? {} : { ssl: 'on', ssl_cert_file: pair.cert, ssl_key_file: pair.key }),
    ...options.settings,
  };
};

const launch = async (room: ServerRoom, place: Place): Promise<ServerProcess> => {
  const flags = Object.entries(await settingsOf(place)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args } = place.runner.command(join(programs(), 'postgres'), ['-D', place.data, ...flags]);
  const started = ServerProcess.start(room, { name: place.options.name ?? 'postgres', command, args });
  // SIGINT ends sessions; SIGTERM would wait for them.
  room.onClose(async () => {
    await started.stop('SIGINT');
  });
  await started.untilOutput(/database system is ready to accept connections/);
  return started;
};

const initialise = async (folder: string, runner: SystemUser): Promise<string> => {
  const data = `${folder}/data`;
  const flags = ['-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
  await runner.run(join(programs(), 'initdb'), ['-D', data, ...flags], folder);
  return data;
};

/**
 * Starts a PostgreSQL on a free port of 127.0.0.1 and waits until it answers. It ends with the room. As root it runs as the
 * system user `postgres`, since it refuses root.
 */
export const startPostgres = async (room: ServerRoom, options: DatabaseServerOptions = {}): Promise<DatabaseServer> => {
  const runner = await SystemUser.find('postgres');
  const folder = await runner.folder(room.path(options.name ?? 'postgres'));
  const data = await initialise(folder, runner);
  const { place, first } = await withFreshPorts(async () => {
    const chosen: Place = { folder, data, port: await freePort(), runner, options };
    return { place: chosen, first: await launch(room, chosen) };
  });
  const runs = [first];
  const { user, password, database } = databaseLogin;
  const psql = (name: string, statements: string): Promise<string> =>
    converse(
      join(programs(), 'psql'),
      [
        '-h',
        folder,
        '-p',
        String(place.port),
        '-U',
        'postgres',
        '-d',
        `dbname=${name} options='-c default_transaction_read_only=off'`,
        ...['-v', 'ON_ERROR_STOP=1', '-qAtX', '-F', '\t'],
      ],
      statements,
    );
  await psql(
    'postgres',
    `create role ${user} login password '${password}'; create database ${database} owner ${user}`.replaceAll('; ', ';\n'),
  );
  if (options.setup !== undefined) await psql(database, `set role ${user};\n${options.setup}`);
  return {
    host: '127.0.0.1',
    port: place.port,
    ...databaseLogin,
    url: `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${place.port}/${database}`,
    sql: (statements) => psql(database, statements),
    output: () => Promise.resolve(runs.map((each) => each.output()).join('')),
    stop: async () => {
      for (const each of runs) await each.stop('SIGINT');
    },
    start: async () => {
      runs.push(await launch(room, place));
    },
  };
};
