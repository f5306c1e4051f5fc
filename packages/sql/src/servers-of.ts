import type { Clock, Log } from '@postern/contract';
import type { DatabaseConfig } from './config.js';
import type { Connect } from './connection.js';
import { describeHost, type Address, type Host } from './database-url.js';
import { connectMysql } from './dialects/mysql.js';
import { listenPostgres } from './dialects/postgres-ear.js';
import { connectPostgres } from './dialects/postgres.js';
import type { ServerOptions } from './dialects/server-options.js';
import { connectSqlite } from './dialects/sqlite.js';
import type { Listen } from './ear.js';
import { Server } from './server.js';
import type { TlsConfig } from './tls.js';

/** More gain little and let one slow question hold up many. */
const questionsTogether = 8;

/** One server for each host of each URL, in their order. */
export const serversOf = (
  config: DatabaseConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  writes: boolean,
): readonly Server[] => {
  const { pool, timeout: timeoutMs, connectTimeout: connectTimeoutMs } = config;
  return config.url.flatMap(({ address }) => {
    const together = address.dialect === 'postgres' && config.prepare ? questionsTogether : 1;
    // The host bounds how many ask at once.
    const limits = { max: pool.max, together, waiting: Infinity, idleMs: pool.idle, ageMs: pool.lifetime };
    return connectsOf(address, config, writes).map(
      ([name, connect]) => new Server({ name, connect, pool: limits, timeoutMs, connectTimeoutMs, clock, log }),
    );
  });
};

/** One for each PostgreSQL server. `channel`: an identifier that needs no quotes. */
export const listensOf = (config: DatabaseConfig, channel: string): readonly Listen[] =>
  config.url
    .flatMap(({ address }) => (address.dialect === 'postgres' ? optionsOf(address, config) : []))
    .map(
      (options): Listen =>
        (hear, signal) =>
          listenPostgres(options, channel, hear, signal),
    );

type Named = readonly [name: string, connect: Connect];

const connectsOf = (address: Address, config: DatabaseConfig, writes: boolean): readonly Named[] => {
  if (address.dialect === 'sqlite') {
    const { path } = address;
    const timeoutMs = toldTo(config.timeout);
    return [[path, (signal) => connectSqlite({ path, timeoutMs, writes }, signal)]];
  }
  const connect = address.dialect === 'postgres' ? connectPostgres : connectMysql;
  return optionsOf(address, config).map((options): Named => [describeHost(options.host), (signal) => connect(options, signal)]);
};

const optionsOf = (address: Exclude<Address, { readonly dialect: 'sqlite' }>, config: DatabaseConfig): readonly ServerOptions[] => {
  const { user, password, database } = address;
  const { prepare } = config;
  const timeoutMs = toldTo(config.timeout);
  const tls = tlsOf(config, address.tls);
  return address.hosts.map((host: Host) => ({ host, user, password, database, timeoutMs, prepare, ...(tls === undefined ? {} : { tls }) }));
};

/** A little less than we wait ourselves: a server that ends a slow statement keeps its connection. */
const toldTo = (timeoutMs: number): number => Math.max(1, timeoutMs - Math.min(200, Math.ceil(timeoutMs / 5)));

const tlsOf = ({ tls }: DatabaseConfig, inUrl: boolean | undefined): TlsConfig | undefined => {
  if (typeof tls === 'object') return tls;
  return (tls ?? inUrl) === true ? { minVersion: 'TLSv1.2' } : undefined;
};
