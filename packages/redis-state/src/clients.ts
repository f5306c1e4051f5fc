import { Cluster, Redis, type CommonRedisOptions } from 'ioredis';
import { scripts, type ScriptCommands } from './scripts.js';
import type { RedisSettings } from './settings.js';

export type Client = (Redis | Cluster) & ScriptCommands;

export interface Clients {
  /** Never subscribes. */
  readonly asking: Client;
  /** A connection that only listens. In a cluster the same client, which keeps a connection of its own for that. */
  readonly hearing: Redis | Cluster;
}

/** Replies look as they always did. */
type Options = Omit<CommonRedisOptions, 'replyMapping'> & { readonly disconnectTimeout?: number };

/** Nobody waits for a connection that is not there: what cannot be sent now fails now. */
const impatience = (timeoutMs: number): Options => ({
  commandTimeout: timeoutMs,
  connectTimeout: Math.max(timeoutMs, 1000),
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxLoadingRetryTime: 500,
  disconnectTimeout: 100,
  disableClientInfo: true,
  connectionName: 'postern',
});

/** Milliseconds before the next connection is tried: the server's return is noticed within a second. */
const backOff = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1000);

const accessOf = ({ username, password, tls }: RedisSettings): Options & { tls?: object } => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls === undefined ? {} : { tls: { ...tls, rejectUnauthorized: true } }),
});

/** Nothing is opened yet. */
export const clientsFor = (settings: RedisSettings): Clients => {
  if (settings.topology.kind === 'cluster') {
    const cluster = clusterClient(settings);
    return { asking: cluster, hearing: cluster };
  }
  return { asking: serverClient(settings), hearing: serverClient(settings) };
};

const serverClient = (settings: RedisSettings): Redis & ScriptCommands => {
  const { topology, timeoutMs } = settings;
  const options = {
    ...impatience(timeoutMs),
    ...accessOf(settings),
    ...placeOf(topology, settings),
    retryStrategy: backOff,
    lazyConnect: true,
    scripts,
  };
  return new Redis(options) as Redis & ScriptCommands;
};

const placeOf = (topology: RedisSettings['topology'], { tls }: RedisSettings): object => {
  switch (topology.kind) {
    case 'single':
      return { ...topology.server, db: topology.database };
    case 'sentinel':
      return {
        sentinels: [...topology.sentinels],
        name: topology.name,
        sentinelRetryStrategy: backOff,
        ...(topology.password === undefined ? {} : { sentinelPassword: topology.password }),
        ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: { ...tls, rejectUnauthorized: true } }),
      };
    case 'cluster':
      return {};
  }
};

const clusterClient = (settings: RedisSettings): Cluster & ScriptCommands => {
  const { topology, timeoutMs } = settings;
  const nodes = topology.kind === 'cluster' ? [...topology.nodes] : [];
  const options = {
    clusterRetryStrategy: backOff,
    clusterNodeRetryStrategy: backOff,
    enableOfflineQueue: false,
    lazyConnect: true,
    // Together below one time-out: after that the answer is not worth waiting for.
    maxRedirections: 3,
    retryDelayOnFailover: Math.ceil(timeoutMs / 4),
    retryDelayOnClusterDown: Math.ceil(timeoutMs / 4),
    retryDelayOnTryAgain: Math.ceil(timeoutMs / 4),
    slotsRefreshTimeout: Math.max(timeoutMs, 1000),
    redisOptions: { ...impatience(timeoutMs), ...accessOf(settings) },
    scripts,
  };
  return new Cluster(nodes, options) as Cluster & ScriptCommands;
};
