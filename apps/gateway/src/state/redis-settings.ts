import { readFileSync } from 'node:fs';
import type { FilePath } from '@postern/contract';
import { ConfigError, ConfigFailure, type RedisConfig } from '@postern/kernel';
import type { Address, RedisSettings, TlsMaterial, Topology } from '@postern/redis-state';

const redisPort = 6379;
const sentinelPort = 26_379;

/** The config's `redis`, revealed. Throws a `ConfigFailure` when a TLS file cannot be read. */
export const redisSettings = (config: RedisConfig): RedisSettings => {
  const server = config.url?.address;
  const username = config.username?.reveal() ?? server?.username;
  const password = config.password?.reveal() ?? server?.password;
  const tls = tlsOf(config);
  return {
    topology: topologyOf(config),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    prefix: config.prefix,
    timeoutMs: config.timeout,
  };
};

const topologyOf = ({ url, sentinels, name, sentinelPassword, cluster }: RedisConfig): Topology => {
  if (sentinels !== undefined && name !== undefined) {
    const password = sentinelPassword?.reveal();
    return { kind: 'sentinel', sentinels: addresses(sentinels, sentinelPort), name, ...(password === undefined ? {} : { password }) };
  }
  if (cluster !== undefined) return { kind: 'cluster', nodes: addresses(cluster, redisPort) };
  if (url === undefined) throw new Error('the config says nowhere where Redis is');
  return { kind: 'single', server: url.address.server, database: url.address.database };
};

const addresses = (list: readonly { readonly host: string; readonly port?: number }[], port: number): readonly Address[] =>
  list.map((one) => ({ host: one.host, port: one.port ?? port }));

const tlsOf = ({ tls, url }: RedisConfig): TlsMaterial | undefined => {
  if (tls === undefined || tls === true) return tls === true || url?.address.tls === true ? {} : undefined;
  if (tls === false) return undefined;
  const read = (name: 'ca' | 'cert' | 'key', path: FilePath | undefined): Partial<TlsMaterial> =>
    path === undefined ? {} : { [name]: contentOf(name, path.absolute) };
  const { ca, cert, key, serverName } = tls;
  return { ...read('ca', ca), ...read('cert', cert), ...read('key', key), ...(serverName === undefined ? {} : { servername: serverName }) };
};

const contentOf = (name: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    const why = `the file ${path} cannot be read (${code})`;
    throw new ConfigFailure([new ConfigError('bad-value', { path: ['redis', 'tls', name] }, why, 'Mend the path or the permissions.')]);
  }
};
